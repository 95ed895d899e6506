//! The nine endpoints with the bodies that the documents show for them.

/// The path of order/create.
pub const ORDER_CREATE: &str = "/api/order/create";
/// The path of order/detail.
pub const ORDER_DETAIL: &str = "/api/order/detail";
/// The path of order/exchange-rates.
pub const EXCHANGE_RATES: &str = "/api/order/exchange-rates";
/// The path of currency/app-token-list.
pub const APP_TOKEN_LIST: &str = "/api/currency/app-token-list";
/// The path of currency/token-list.
pub const TOKEN_LIST: &str = "/api/currency/token-list";
/// The path of payout/create.
pub const PAYOUT_CREATE: &str = "/api/payout/create";
/// The path of payout/detail.
pub const PAYOUT_DETAIL: &str = "/api/payout/detail";
/// The path of account/balance.
pub const ACCOUNT_BALANCE: &str = "/api/account/balance";
/// The path of payment-qr-code/create.
pub const QR_CODE_CREATE: &str = "/api/payment-qr-code/create";

/// The currency id of TRX on Tron Nile in the server's token lists.
pub const TRX: u64 = 76;
/// The currency id of USDT on Tron Nile in the server's token lists.
pub const USDT: u64 = 75;
/// The currency id of JST on Tron Nile, as documented.
pub const JST: u64 = 46;

/// The documented body of an endpoint, byte for byte. The two token lists get TRX and USDT on Tron
/// Nile behind the documented entry, in the same form, since the documented order and payout need
/// them.
pub(super) fn body(path: &str) -> Option<String> {
    macro_rules! fixture {
        ($name:literal) => {
            include_str!(concat!("../../fixtures/native_checkout_", $name, ".json"))
        };
    }
    let documented = match path {
        ORDER_CREATE => fixture!("order_create"),
        ORDER_DETAIL => fixture!("order_detail"),
        EXCHANGE_RATES => fixture!("exchange_rates"),
        APP_TOKEN_LIST => fixture!("app_token_list"),
        TOKEN_LIST => fixture!("token_list"),
        PAYOUT_CREATE => fixture!("payout_create"),
        PAYOUT_DETAIL => fixture!("payout_detail"),
        ACCOUNT_BALANCE => fixture!("account_balance"),
        QR_CODE_CREATE => fixture!("payment_qr_code_create"),
        _ => return None,
    };
    Some(match path {
        APP_TOKEN_LIST => with_entries(documented, HOLDINGS),
        TOKEN_LIST => with_entries(documented, ""),
        _ => documented.to_owned(),
    })
}

const HOLDINGS: &str = r#", "balance": "25.5", "operable_balance": "20", "frozen_amount": "5.5", "status": 1, "transaction_enabled": true"#;

fn with_entries(documented: &str, more: &str) -> String {
    let end = documented.rfind(']').expect("a token list is an array");
    let (before, after) = documented.split_at(end);
    let entry = |id: u64, token: &str, contract: &str| {
        format!(
            r#", {{"currency_id": {id}, "chain": "Tron", "network": "Nile", "token": "{token}", "contract": "{contract}", "chain_id": 3448148188, "logo": "", "decimal": 6{more}}}"#
        )
    };
    let trx = entry(TRX, "TRX", "TRX");
    let usdt = entry(USDT, "USDT", "TXYZopYRdj2D9XRtbG411XZZ3kM5VkAeBf");
    format!("{}{trx}{usdt}{after}", before.trim_end())
}
