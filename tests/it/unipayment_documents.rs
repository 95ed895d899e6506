//! UniPayment as its documents show it, in all three generations: what its bodies mean, what is sent,
//! and what is believed.

mod bench;
mod calls;
mod mismatches;
mod money_calls;
mod requests;
mod signed_answers;
mod snapshots;
mod spellings;
mod strictness;
mod tokens;
mod webhooks;
