//! currency/app-token-list, currency/token-list, account/balance.

use rust_decimal::{Decimal, RoundingStrategy};

use super::{Answer, enabled_token, success};
use crate::halo::gateway::Gateway;
use crate::halo::tokens::{CATALOGUE, Token};
use crate::halo::wire::{AccountBalance, AppToken, CatalogueToken};
use crate::members::Members;
use crate::settings::Settings;

/// Decimals of a balance in USDT.
const USDT_DECIMALS: u32 = 6;

pub(super) fn app_token_list(gateway: &Gateway, settings: &Settings, members: Members) -> Answer {
    members.end()?;
    let book = gateway.book();
    let enabled = CATALOGUE
        .iter()
        .filter(|token| !settings.disabled_currencies.contains(&token.currency_id));
    let tokens: Vec<AppToken> = enabled
        .map(|token| {
            let balance = book.balances.of(token.currency_id);
            AppToken {
                currency_id: token.currency_id,
                chain: token.chain,
                network: token.network,
                token: token.symbol,
                contract: token.contract,
                chain_id: token.chain_id,
                logo: token.logo,
                decimal: token.decimals,
                balance: balance.total.to_string(),
                operable_balance: balance.operable().to_string(),
                frozen_amount: balance.frozen.to_string(),
                status: 1,
                transaction_enabled: true,
            }
        })
        .collect();
    success(tokens)
}

pub(super) fn token_list(_: &Gateway, _: &Settings, members: Members) -> Answer {
    members.end()?;
    let tokens: Vec<CatalogueToken> = CATALOGUE.iter().map(CatalogueToken::from).collect();
    success(tokens)
}

pub(super) fn balance(gateway: &Gateway, settings: &Settings, mut members: Members) -> Answer {
    let currency_id = members.integer("currency_id")?;
    members.end()?;
    let token = enabled_token(currency_id, settings)?;
    let balance = gateway.book().balances.of(currency_id);
    success(AccountBalance {
        currency_id,
        balance: balance.total.to_string(),
        operable_balance: balance.operable().to_string(),
        operable_balance_usdt: in_usdt(balance.operable(), token, settings),
        balance_usdt: in_usdt(balance.total, token, settings),
        chain: token.chain,
        network: token.network,
        token: token.symbol,
        contract: token.contract,
    })
}

fn in_usdt(amount: Decimal, token: &Token, settings: &Settings) -> String {
    let price = settings.rates.price(token.symbol, "USDT");
    let value = price.and_then(|price| amount.checked_mul(price));
    value
        .unwrap_or_default()
        .round_dp_with_strategy(USDT_DECIMALS, RoundingStrategy::ToZero)
        .normalize()
        .to_string()
}
