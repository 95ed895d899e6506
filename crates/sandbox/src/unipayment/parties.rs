//! Beneficiaries and their payment methods: whatever JSON the merchant describes them with.
//!
//! Their members are not documented here, so they are kept as they came, with an `id` in front.

use crate::json::Json;

#[derive(Debug, Default)]
pub(super) struct Parties {
    beneficiaries: Vec<Party>,
}

#[derive(Debug)]
pub(super) struct Party {
    pub(super) record: Record,
    pub(super) methods: Records,
}

/// A JSON object with the id that the gateway gave it.
#[derive(Debug, Clone)]
pub(super) struct Record {
    pub(super) id: String,
    members: Vec<(String, Json)>,
}

impl Record {
    pub(super) fn new(id: String, members: Vec<(String, Json)>) -> Self {
        let mut record = Self {
            id,
            members: Vec::new(),
        };
        record.replace(members);
        record
    }

    /// Takes other members; the id stays.
    pub(super) fn replace(&mut self, mut members: Vec<(String, Json)>) {
        members.retain(|(name, _)| name != "id");
        self.members = members;
    }

    pub(super) fn to_json(&self) -> Json {
        let id = ("id".to_owned(), Json::String(self.id.clone()));
        Json::Object([id].into_iter().chain(self.members.clone()).collect())
    }

    /// The string of this name, if it has one.
    pub(super) fn text(&self, name: &str) -> Option<&str> {
        self.members.iter().find_map(|(known, value)| match value {
            Json::String(text) if known == name => Some(text.as_str()),
            _ => None,
        })
    }
}

/// Records in the order of their creation.
#[derive(Debug, Default)]
pub(super) struct Records(Vec<Record>);

impl Records {
    pub(super) fn add(&mut self, record: Record) {
        self.0.push(record);
    }

    pub(super) fn find(&mut self, id: &str) -> Option<&mut Record> {
        self.0.iter_mut().find(|record| record.id == id)
    }

    pub(super) fn remove(&mut self, id: &str) -> Option<Record> {
        let at = self.0.iter().position(|record| record.id == id)?;
        Some(self.0.remove(at))
    }

    pub(super) fn all(&self) -> &[Record] {
        &self.0
    }
}

impl Parties {
    pub(super) fn add(&mut self, record: Record) {
        self.beneficiaries.push(Party {
            record,
            methods: Records::default(),
        });
    }

    pub(super) fn find(&mut self, id: &str) -> Option<&mut Party> {
        self.beneficiaries
            .iter_mut()
            .find(|party| party.record.id == id)
    }

    pub(super) fn remove(&mut self, id: &str) -> Option<Party> {
        let at = self
            .beneficiaries
            .iter()
            .position(|party| party.record.id == id)?;
        Some(self.beneficiaries.remove(at))
    }

    pub(super) fn all(&self) -> impl Iterator<Item = &Record> {
        self.beneficiaries.iter().map(|party| &party.record)
    }

    /// A payment method of any beneficiary.
    pub(super) fn method(&self, id: &str) -> Option<&Record> {
        let mut methods = self
            .beneficiaries
            .iter()
            .flat_map(|party| party.methods.all());
        methods.find(|record| record.id == id)
    }
}
