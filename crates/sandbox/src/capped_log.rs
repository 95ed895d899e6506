//! A log that forgets its oldest entries and knows the others by number.

use std::collections::VecDeque;

#[derive(Debug)]
pub(crate) struct CappedLog<T> {
    /// The number of the oldest entry that is kept.
    oldest: u64,
    entries: VecDeque<T>,
}

impl<T> Default for CappedLog<T> {
    fn default() -> Self {
        Self {
            oldest: 0,
            entries: VecDeque::new(),
        }
    }
}

impl<T> CappedLog<T> {
    /// Adds an entry and gives its number, which no other entry ever has.
    pub(crate) fn push(&mut self, entry: T) -> u64 {
        self.entries.push_back(entry);
        self.oldest + self.entries.len() as u64 - 1
    }

    /// The entry of this number, unless it was forgotten.
    pub(crate) fn get_mut(&mut self, number: u64) -> Option<&mut T> {
        let at = number.checked_sub(self.oldest)?;
        self.entries.get_mut(usize::try_from(at).ok()?)
    }

    /// Forgets the oldest until no more than `most` are left, and gives them.
    pub(crate) fn shed(&mut self, most: usize) -> Vec<T> {
        let surplus = self.entries.len().saturating_sub(most);
        self.oldest += surplus as u64;
        self.entries.drain(..surplus).collect()
    }

    pub(crate) fn clear(&mut self) {
        self.shed(0);
    }

    pub(crate) fn iter(&self) -> impl Iterator<Item = &T> {
        self.entries.iter()
    }
}

#[cfg(test)]
mod tests {
    use super::CappedLog;

    #[test]
    fn the_oldest_go_first_and_numbers_stay_true() {
        let mut log = CappedLog::default();
        let numbers: Vec<u64> = "abcde".chars().map(|entry| log.push(entry)).collect();
        assert_eq!(log.shed(3), ['a', 'b']);
        assert_eq!(log.get_mut(numbers[0]), None);
        assert_eq!(log.get_mut(numbers[2]), Some(&mut 'c'));
        let next = log.push('f');
        assert_eq!(log.get_mut(next), Some(&mut 'f'));
        assert_eq!(log.iter().collect::<String>(), "cdef");
        log.clear();
        assert_eq!(log.get_mut(next), None);
        assert_eq!(log.iter().count(), 0);
    }
}
