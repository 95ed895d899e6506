//! Everything made up: credentials, trade numbers, transaction ids, pay addresses.

use std::sync::Mutex;

use rand::rngs::StdRng;
use rand::{RngExt, SeedableRng};

use crate::lock::lock;

/// A random source that a seed makes repeatable.
#[derive(Debug)]
pub(crate) struct Randomness {
    source: Mutex<StdRng>,
}

impl Randomness {
    pub(crate) fn new(seed: Option<u64>) -> Self {
        let source = match seed {
            Some(seed) => StdRng::seed_from_u64(seed),
            None => rand::make_rng(),
        };
        Self {
            source: Mutex::new(source),
        }
    }

    fn bytes<const N: usize>(&self) -> [u8; N] {
        lock(&self.source).random()
    }

    /// `N` random bytes as lowercase hex: twice as many digits.
    pub(crate) fn hex<const N: usize>(&self) -> String {
        hex::encode(self.bytes::<N>())
    }

    /// Letters and digits of the Latin alphabet, both cases.
    pub(crate) fn alphanumeric(&self, length: usize) -> String {
        let mut source = lock(&self.source);
        (0..length)
            .map(|_| char::from(source.sample(rand::distr::Alphanumeric)))
            .collect()
    }

    /// Twenty random bytes: what a Tron address stands for.
    pub(crate) fn account(&self) -> [u8; 20] {
        self.bytes()
    }
}
