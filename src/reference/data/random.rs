//! A small seeded generator of pseudo-random numbers, so that a seed always gives the same world.

/// SplitMix64 (Steele, Lea and Flood, 2014): 64 bits of state, enough for test data, never for secrets.
#[derive(Clone, Debug)]
pub struct SplitMix64 {
    state: u64,
}

impl SplitMix64 {
    /// Starts from a seed.
    pub fn new(seed: u64) -> Self {
        Self { state: seed }
    }

    /// Gives the next 64 bits.
    pub fn next(&mut self) -> u64 {
        self.state = self.state.wrapping_add(0x9E37_79B9_7F4A_7C15);
        let mut mixed = self.state;
        mixed = (mixed ^ (mixed >> 30)).wrapping_mul(0xBF58_476D_1CE4_E5B9);
        mixed = (mixed ^ (mixed >> 27)).wrapping_mul(0x94D0_49BB_1331_11EB);
        mixed ^ (mixed >> 31)
    }

    /// Gives a number from `low` to `high`, both included; `low` when the range is empty.
    pub fn between(&mut self, low: i64, high: i64) -> i64 {
        let width = high.checked_sub(low).and_then(|width| u64::try_from(width).ok()).unwrap_or(0);
        // The remainder's bias is far below what test data could show.
        let offset = self.next() % width.saturating_add(1);
        low.saturating_add(i64::try_from(offset).unwrap_or(0))
    }

    /// Is true in about `percent` of a hundred calls.
    pub fn chance(&mut self, percent: i64) -> bool {
        self.between(1, 100) <= percent
    }

    /// Picks one of the choices.
    pub fn pick<T: Copy, const N: usize>(&mut self, choices: [T; N]) -> T {
        const { assert!(N > 0) };
        let last = i64::try_from(N).unwrap_or(1).saturating_sub(1);
        choices[usize::try_from(self.between(0, last)).unwrap_or(0)]
    }
}

#[cfg(test)]
mod tests {
    use super::SplitMix64;

    #[test]
    fn first_numbers_of_seed_zero_are_those_of_the_published_algorithm() {
        let mut random = SplitMix64::new(0);
        assert_eq!(random.next(), 0xE220_A839_7B1D_CDAF);
        assert_eq!(random.next(), 0x6E78_9E6A_A1B9_65F4);
    }

    #[test]
    fn between_keeps_both_bounds_and_reaches_them() {
        let mut random = SplitMix64::new(7);
        let seen: Vec<i64> = (0..200).map(|_| random.between(-1, 2)).collect();
        assert!(seen.iter().all(|number| (-1..=2).contains(number)));
        assert!(seen.contains(&-1) && seen.contains(&2));
        assert_eq!(random.between(5, 4), 5);
    }
}
