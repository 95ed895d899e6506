//! The answers of the nine endpoints, member by member in the documents' order.

use serde::Serialize;

use crate::halo::orders::Order;
use crate::halo::payouts::Payout;
use crate::halo::tokens::Token;

/// `{"code": …, "msg": …, "data": …}` as bytes; `data` is null where there is none.
pub(super) fn envelope<T: Serialize>(code: i64, msg: &str, data: Option<T>) -> Vec<u8> {
    #[derive(Serialize)]
    struct Envelope<'a, T> {
        code: i64,
        msg: &'a str,
        data: Option<T>,
    }
    serde_json::to_vec(&Envelope { code, msg, data }).unwrap_or_default()
}

#[derive(Serialize)]
struct ChainInfo {
    token: &'static str,
    abi: &'static str,
    rpc: &'static str,
    browser_url: &'static str,
    decimal: u32,
    logo: &'static str,
    series: &'static str,
    monitor_chain_id: i64,
}

/// order/create
#[derive(Serialize)]
pub(super) struct CreatedOrder<'a> {
    trade_no: &'a str,
    chain: &'static str,
    token: &'static str,
    contract: &'static str,
    amount: String,
    mode: &'static str,
    pay_address: &'a str,
    time_expire: i64,
    decimal: u32,
    chain_id: i64,
    equity: i64,
    create_time: i64,
    amount_collected: &'static str,
    need_confirms: u32,
    already_confirms: u32,
    entrust_url: String,
    referer: &'static str,
    chain_info: ChainInfo,
}

impl<'a> CreatedOrder<'a> {
    pub(super) fn new(order: &'a Order, token: &Token, entrust_url: String) -> Self {
        Self {
            trade_no: &order.trade_no,
            chain: token.chain,
            token: token.symbol,
            contract: token.contract,
            amount: order.amount.to_string(),
            mode: "address",
            pay_address: &order.pay_address,
            time_expire: order.time_expire,
            decimal: token.decimals,
            chain_id: token.chain_id,
            equity: 1,
            create_time: order.create_time,
            amount_collected: "",
            need_confirms: order.need_confirms,
            already_confirms: order.already_confirms,
            entrust_url,
            referer: "",
            chain_info: ChainInfo {
                token: token.symbol,
                abi: "",
                rpc: token.rpc(),
                browser_url: token.browser_url(),
                decimal: token.decimals,
                logo: token.logo,
                series: token.chain,
                monitor_chain_id: token.chain_id,
            },
        }
    }
}

/// order/detail
#[derive(Serialize)]
pub(super) struct OrderDetail<'a> {
    trade_no: &'a str,
    out_trade_no: &'a str,
    chain: &'static str,
    token: &'static str,
    contract: &'static str,
    fiat_name: &'a str,
    fiat_amount: String,
    amount: String,
    mode: &'static str,
    pay_address: &'a str,
    status: &'static str,
    time_expire: i64,
    decimal: u32,
    chain_id: i64,
    equity: i64,
    create_time: i64,
    amount_collected: String,
    need_confirms: u32,
    already_confirms: u32,
    entrust_url: &'static str,
    referer: &'static str,
    chain_info: ChainInfo,
}

impl<'a> OrderDetail<'a> {
    pub(super) fn new(order: &'a Order, token: &Token) -> Self {
        Self {
            trade_no: &order.trade_no,
            out_trade_no: &order.out_trade_no,
            chain: token.chain,
            token: token.symbol,
            contract: token.contract,
            fiat_name: order.fiat_name.as_deref().unwrap_or(""),
            fiat_amount: order
                .fiat_amount
                .map(|amount| amount.to_string())
                .unwrap_or_default(),
            amount: order.amount.to_string(),
            mode: "address",
            pay_address: &order.pay_address,
            status: order.status.as_str(),
            time_expire: order.time_expire,
            decimal: token.decimals,
            chain_id: token.chain_id,
            equity: 1,
            create_time: order.create_time,
            amount_collected: order.amount_collected.to_string(),
            need_confirms: order.need_confirms,
            already_confirms: order.already_confirms,
            entrust_url: "",
            referer: "",
            chain_info: ChainInfo {
                token: token.symbol,
                abi: "",
                rpc: token.rpc(),
                browser_url: token.browser_url(),
                decimal: token.decimals,
                logo: "",
                series: "",
                monitor_chain_id: 0,
            },
        }
    }
}

/// order/exchange-rates
#[derive(Serialize)]
pub(super) struct ExchangeRate {
    pub(super) amount: String,
    pub(super) exchange_rate: String,
}

/// One element of currency/app-token-list
#[derive(Serialize)]
pub(super) struct AppToken {
    pub(super) currency_id: i64,
    pub(super) chain: &'static str,
    pub(super) network: &'static str,
    pub(super) token: &'static str,
    pub(super) contract: &'static str,
    pub(super) chain_id: i64,
    pub(super) logo: &'static str,
    pub(super) decimal: u32,
    pub(super) balance: String,
    pub(super) operable_balance: String,
    pub(super) frozen_amount: String,
    pub(super) status: i64,
    pub(super) transaction_enabled: bool,
}

/// One element of currency/token-list
#[derive(Serialize)]
pub(super) struct CatalogueToken {
    currency_id: i64,
    chain: &'static str,
    token: &'static str,
    network: &'static str,
    contract: &'static str,
    chain_id: i64,
    logo: &'static str,
    decimal: u32,
}

impl From<&Token> for CatalogueToken {
    fn from(token: &Token) -> Self {
        Self {
            currency_id: token.currency_id,
            chain: token.chain,
            token: token.symbol,
            network: token.network,
            contract: token.contract,
            chain_id: token.chain_id,
            logo: token.logo,
            decimal: token.decimals,
        }
    }
}

/// payout/create
#[derive(Serialize)]
pub(super) struct CreatedPayout<'a> {
    cost: String,
    actual_receipt: String,
    trade_no: &'a str,
    estimated_transfer: &'static str,
}

impl<'a> CreatedPayout<'a> {
    pub(super) fn new(payout: &'a Payout) -> Self {
        Self {
            cost: payout.cost().to_string(),
            actual_receipt: payout.amount.to_string(),
            trade_no: &payout.trade_no,
            estimated_transfer: "0",
        }
    }
}

/// payout/detail
#[derive(Serialize)]
pub(super) struct PayoutDetail<'a> {
    service_charge: String,
    gas: String,
    amount: String,
    status: &'static str,
    target_address: &'a str,
    start_time: i64,
    created_time: i64,
    trade_no: &'a str,
    token: &'a str,
}

impl<'a> PayoutDetail<'a> {
    pub(super) fn new(payout: &'a Payout) -> Self {
        Self {
            service_charge: payout.service_charge.to_string(),
            gas: payout.gas.to_string(),
            amount: payout.amount.to_string(),
            status: payout.status.as_str(),
            target_address: &payout.target_address,
            start_time: payout.start_time,
            created_time: payout.created_time,
            trade_no: &payout.trade_no,
            token: &payout.opaque_token,
        }
    }
}

/// account/balance
#[derive(Serialize)]
pub(super) struct AccountBalance {
    pub(super) currency_id: i64,
    pub(super) balance: String,
    pub(super) operable_balance: String,
    pub(super) operable_balance_usdt: String,
    pub(super) balance_usdt: String,
    pub(super) chain: &'static str,
    pub(super) network: &'static str,
    pub(super) token: &'static str,
    pub(super) contract: &'static str,
}

/// payment-qr-code/create
#[derive(Serialize)]
pub(super) struct CreatedQrCode<'a> {
    pub(super) id: i64,
    pub(super) address: &'a str,
}
