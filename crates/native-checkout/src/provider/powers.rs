//! Quotes, the catalogue, balances and deposit addresses.

use async_trait::async_trait;
use paymux_core::{
    AssetAmount, AssetName, Balance, BalanceApi, CatalogApi, CatalogAsset, CatalogScope,
    DepositAddress, DepositAddressApi, Error, Listing, Money, NewDepositAddress, Outcome, Quote,
    QuoteApi, Result, money,
};

use super::catalog::platform_asset;
use super::invoice::fit;
use super::{Inner, NativeCheckout};
use crate::model::{CreateQrCode, ExchangeRateQuery, FIAT_NAMES};

const QUOTE: &str = "quote";
const ASSETS: &str = "assets";
const BALANCES: &str = "fetch_balances";
const CREATE_ADDRESS: &str = "create_deposit_address";

#[async_trait]
impl QuoteApi for NativeCheckout {
    async fn quote(&self, price: &Money, asset: &AssetName) -> Result<Quote> {
        let operation = self.0.operation(QUOTE);
        operation.result(self.read_quote(price, asset).await)
    }
}

#[async_trait]
impl CatalogApi for NativeCheckout {
    async fn assets(&self, scope: CatalogScope) -> Result<Listing<CatalogAsset>> {
        let client = self.0.client.on_behalf_of(ASSETS);
        match scope {
            CatalogScope::Enabled => {
                let entries = self.0.catalog.read_now(&client).await?;
                Ok(entries
                    .iter()
                    .map(|entry| entry.catalog_asset())
                    .collect::<Vec<_>>()
                    .into())
            }
            CatalogScope::All => {
                let tokens = client.tokens().await?;
                Ok(tokens
                    .iter()
                    .filter_map(platform_asset)
                    .collect::<Vec<_>>()
                    .into())
            }
        }
    }
}

/// Not for [`NativeCheckout`] itself: there `balances` is the method that gives this power.
#[async_trait]
impl BalanceApi for Inner {
    async fn fetch_balances(&self, asset: Option<&AssetName>) -> Result<Listing<Balance>> {
        let balances = match asset {
            Some(asset) => self.read_balance(asset).await.map(|balance| vec![balance]),
            None => self.read_balances().await,
        };
        self.operation(BALANCES).result(balances.map(Listing::from))
    }
}

#[async_trait]
impl DepositAddressApi for NativeCheckout {
    async fn create_deposit_address(&self, request: &NewDepositAddress) -> Result<DepositAddress> {
        let operation = self.0.operation(CREATE_ADDRESS);
        operation.result(self.new_address(request).await)
    }
}

impl NativeCheckout {
    async fn read_quote(&self, price: &Money, asset: &AssetName) -> Result<Quote> {
        money::positive(price.amount)?;
        let code = price.currency.code();
        if !FIAT_NAMES.contains(&code) {
            return Err(Error::invalid_request(format!(
                "this gateway quotes no prices in {code}; use one of {}",
                FIAT_NAMES.join(", ")
            )));
        }
        let client = self.0.client.on_behalf_of(QUOTE);
        let entry = self.0.catalog.find(&client, asset).await?;
        let query = ExchangeRateQuery::new(entry.currency_id, code, price.amount);
        let answer = client.exchange_rate(&query).await?;
        Ok(Quote::new(
            price.clone(),
            AssetAmount::new(answer.amount, entry.name()),
            answer.exchange_rate,
            client.clock().now(),
        ))
    }

    async fn new_address(&self, request: &NewDepositAddress) -> Result<DepositAddress> {
        request.check()?;
        let client = self.0.client.on_behalf_of(CREATE_ADDRESS);
        let entry = self
            .0
            .catalog
            .find(&client, &request.asset)
            .await
            .map_err(|error| error.with_outcome(Outcome::NotSent))?;
        let mut qr_code = CreateQrCode::new(request.name.as_str(), entry.currency_id);
        if let Some(amount) = request.amount {
            fit(amount, &entry.asset)?;
            qr_code = qr_code.with_amount(amount);
        }
        let answer = client.create_qr_code(&qr_code).await?;
        if answer.address.is_empty() {
            return Err(Error::invalid_response(
                Outcome::Unknown,
                "the gateway made a permanent address and did not tell it",
            )
            .with_id(answer.id.to_string()));
        }
        Ok(DepositAddress::new(
            answer.id.to_string(),
            answer.address,
            entry.name(),
        ))
    }
}

impl Inner {
    async fn read_balance(&self, asset: &AssetName) -> Result<Balance> {
        let client = self.client.on_behalf_of(BALANCES);
        let entry = self.catalog.find(&client, asset).await?;
        let answer = client.balance(entry.currency_id).await?;
        if answer.currency_id != entry.currency_id {
            return Err(Error::mismatch(
                Outcome::NotSent,
                "currency_id",
                entry.currency_id,
                answer.currency_id,
            ));
        }
        Ok(Balance::new(
            entry.name(),
            answer.balance,
            answer.operable_balance,
        ))
    }

    async fn read_balances(&self) -> Result<Vec<Balance>> {
        let client = self.client.on_behalf_of(BALANCES);
        let entries = self.catalog.read_now(&client).await?;
        entries
            .iter()
            .map(
                |entry| match (entry.token.balance, entry.token.operable_balance) {
                    (Some(total), Some(available)) => {
                        Ok(Balance::new(entry.name(), total, available))
                    }
                    _ => Err(Error::invalid_response(
                        Outcome::NotSent,
                        format!("the gateway tells no balance of {}", entry.name()),
                    )),
                },
            )
            .collect()
    }
}
