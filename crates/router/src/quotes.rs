//! Quotes: of the provider that an invoice would go to, or of the next that answers.

use async_trait::async_trait;
use paymux_core::{AssetName, Money, Outcome, Quote, QuoteApi, Result, money};

use crate::failover::after_question_failure;
use crate::operation::Operation;
use crate::request::Wanted;
use crate::route::Route;
use crate::router::Router;

impl Router {
    async fn ask_quote(&self, price: &Money, asset: &AssetName) -> Result<Quote> {
        money::positive(price.amount)?;
        let mut deadline = self.deadline();
        let wanted = Wanted::Quote { price, asset };
        let rule = self.inner().rules.matching(wanted);
        let route = Route::choose(rule, wanted, &mut deadline).await;
        let (_, quote) = route
            .until_one_does(
                &mut deadline,
                Outcome::NotSent,
                after_question_failure,
                |provider| provider.quotes().map(|quotes| quotes.quote(price, asset)),
            )
            .await?;
        Ok(quote)
    }
}

#[async_trait]
#[deny(clippy::missing_trait_methods)]
impl QuoteApi for Router {
    async fn quote(&self, price: &Money, asset: &AssetName) -> Result<Quote> {
        self.ask_quote(price, asset)
            .await
            .map_err(|error| error.with_operation(Operation::Quote.as_str()))
    }
}
