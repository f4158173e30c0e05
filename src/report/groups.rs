//! Which group each case belongs to, kept small: there may be more than a hundred thousand cases.

/// Groups of cases by name.
#[derive(Default)]
pub struct Groups {
    names: Vec<String>,
    /// By the case's place in the plan: one more than the place of its group's name, or 0.
    of_cases: Vec<u32>,
}

impl Groups {
    /// Notes the group of the case at a place in the plan.
    pub fn put(&mut self, index: usize, name: &str) {
        // Cases of one group come together, so that its name is mostly the last.
        let place = self.names.iter().rposition(|known| known == name).unwrap_or_else(|| {
            self.names.push(name.to_owned());
            self.names.len() - 1
        });
        if self.of_cases.len() <= index {
            self.of_cases.resize(index + 1, 0);
        }
        if let (Some(of_case), Ok(number)) = (self.of_cases.get_mut(index), u32::try_from(place + 1)) {
            *of_case = number;
        }
    }

    /// The groups with their cases, both in the plan's order.
    pub fn in_order(&self) -> Vec<(&str, Vec<usize>)> {
        let mut groups: Vec<Vec<usize>> = vec![Vec::new(); self.names.len()];
        let mut order = Vec::new();
        for (index, number) in self.of_cases.iter().enumerate() {
            let Some(place) = (*number as usize).checked_sub(1) else { continue };
            let Some(group) = groups.get_mut(place) else { continue };
            if group.is_empty() {
                order.push(place);
            }
            group.push(index);
        }
        let named = |place: usize| Some((self.names.get(place)?.as_str(), std::mem::take(groups.get_mut(place)?)));
        order.into_iter().filter_map(named).collect()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn groups_and_their_cases_come_in_the_order_of_the_plan() {
        let mut groups = Groups::default();
        for (index, name) in [(5, "b"), (1, "a"), (3, "b"), (0, "c"), (4, "a")] {
            groups.put(index, name);
        }
        assert_eq!(groups.in_order(), [("c", vec![0]), ("a", vec![1, 4]), ("b", vec![3, 5])]);
        assert!(Groups::default().in_order().is_empty());
    }
}
