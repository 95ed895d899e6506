//! Records in the order of their creation.

use std::collections::HashMap;

/// Records in the order of their creation, found by id.
#[derive(Debug)]
pub(crate) struct Register<T> {
    records: Vec<T>,
    places: HashMap<String, usize>,
}

impl<T> Default for Register<T> {
    fn default() -> Self {
        Self {
            records: Vec::new(),
            places: HashMap::new(),
        }
    }
}

impl<T> Register<T> {
    pub(crate) fn add(&mut self, id: String, record: T) {
        self.places.insert(id, self.records.len());
        self.records.push(record);
    }

    pub(crate) fn get(&self, id: &str) -> Option<&T> {
        self.records.get(*self.places.get(id)?)
    }

    pub(crate) fn get_mut(&mut self, id: &str) -> Option<&mut T> {
        self.records.get_mut(*self.places.get(id)?)
    }

    pub(crate) fn all(&self) -> &[T] {
        &self.records
    }

    pub(crate) fn all_mut(&mut self) -> &mut [T] {
        &mut self.records
    }
}
