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

    /// A random UUID, version 4.
    pub(crate) fn uuid(&self) -> String {
        let digits = self.hex::<16>();
        let mut uuid = String::with_capacity(36);
        for (at, digit) in digits.chars().enumerate() {
            if matches!(at, 8 | 12 | 16 | 20) {
                uuid.push('-');
            }
            uuid.push(match (at, digit) {
                (12, _) => '4',
                (16, '0' | '4' | '8' | 'c') => '8',
                (16, '1' | '5' | '9' | 'd') => '9',
                (16, '2' | '6' | 'a' | 'e') => 'a',
                (16, _) => 'b',
                (_, digit) => digit,
            });
        }
        uuid
    }

    /// Letters and digits without 0, O, I and l.
    pub(crate) fn base58(&self, length: usize) -> String {
        let mut text = String::with_capacity(length);
        while text.len() < length {
            let more = self.alphanumeric(length - text.len());
            text.extend(more.chars().filter(|known| !"0OIl".contains(*known)));
        }
        text
    }

    /// Twenty random bytes: what an address on most chains stands for.
    pub(crate) fn account(&self) -> [u8; 20] {
        self.bytes()
    }
}
