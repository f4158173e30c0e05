//! Walks a compiled expression, with a budget of steps.

use std::{borrow::Cow, cell::Cell};

use super::{
    Environment, EvaluationError, Item, Node,
    ast::{Call, Step, Tree},
    navigation::{self, Extent},
    operators,
    quantity::Quantity,
    types,
};

pub type Items<'a> = Vec<Item<'a>>;
pub type Outcome<'a> = Result<Items<'a>, EvaluationError>;

/// Enough for any published invariant on megabytes of data, little enough to stop a hostile one within a second.
const BUDGET: u64 = 5_000_000;

/// One run: the surroundings, the outermost focus and what is left of the budget.
pub struct Evaluator<'a, 'e> {
    pub environment: &'e Environment<'a>,
    pub context: Node<'a>,
    left: Cell<u64>,
}

/// What `$this`, `$index` and `$total` stand for.
#[derive(Clone, Copy)]
pub struct Scope<'s, 'a> {
    pub this: &'s [Item<'a>],
    pub index: Option<i64>,
    pub total: Option<&'s [Item<'a>]>,
}

pub fn run<'a>(tree: &'a Tree, focus: Node<'a>, environment: &Environment<'a>) -> Outcome<'a> {
    let evaluator = Evaluator { environment, context: focus, left: Cell::new(BUDGET) };
    let this = [Item::Node(focus)];
    evaluator.evaluate(tree, Scope { this: &this, index: None, total: None })
}

/// A collection as a condition: empty is `None`, a boolean is itself, any other single item is true.
pub fn truth(items: &[Item<'_>], operation: &'static str) -> Result<Option<bool>, EvaluationError> {
    match items {
        [] => Ok(None),
        [item] => Ok(Some(boolean(item).unwrap_or(true))),
        _ => Err(EvaluationError::NotSingle { operation, count: items.len() }),
    }
}

/// The boolean that an item is, when it is one.
pub fn boolean(item: &Item<'_>) -> Option<bool> {
    match item {
        Item::Boolean(truth) => Some(*truth),
        Item::Node(node) => node.value?.as_bool(),
        _ => None,
    }
}

/// What the next step needs of its input.
fn extent_before(next: Option<&Step>) -> Extent {
    match next {
        Some(Step::Call(call)) if call.arguments.is_empty() && matches!(call.function.name, "exists" | "empty") => Extent::Some,
        _ => Extent::All,
    }
}

/// Strictly, the children of an element have no order to count by.
fn refuse_unordered(steps: &[Step]) -> Result<(), EvaluationError> {
    let name = |step: &Step| match step {
        Step::Call(call) => call.function.name,
        _ => "",
    };
    for (before, after) in steps.iter().zip(steps.iter().skip(1)) {
        let ordered = matches!(after, Step::Index(_)) || matches!(name(after), "skip" | "take" | "first" | "last" | "tail");
        if ordered && matches!(name(before), "children" | "descendants") {
            return Err(EvaluationError::WrongType { operation: "an ordered function", found: "elements without order".to_owned() });
        }
    }
    Ok(())
}

impl<'a> Evaluator<'a, '_> {
    /// Takes `steps` from the budget.
    pub fn charge(&self, steps: usize) -> Result<(), EvaluationError> {
        let left = self.left.get().checked_sub(steps as u64).ok_or(EvaluationError::TooCostly)?;
        self.left.set(left);
        Ok(())
    }

    pub fn evaluate(&self, tree: &'a Tree, scope: Scope<'_, 'a>) -> Outcome<'a> {
        self.charge(1)?;
        match tree {
            Tree::Empty => Ok(Vec::new()),
            Tree::Boolean(truth) => Ok(vec![Item::Boolean(*truth)]),
            Tree::Integer(number) => Ok(vec![Item::Integer(*number)]),
            Tree::Decimal(number) => Ok(vec![Item::Decimal(*number)]),
            Tree::Text(text) => Ok(vec![Item::text(text.as_str())]),
            Tree::Temporal(temporal) => Ok(vec![Item::Temporal(*temporal)]),
            Tree::Quantity { value, unit, calendar } => {
                Ok(vec![Item::Quantity(Quantity { value: *value, unit: Cow::Borrowed(unit), calendar: *calendar })])
            }
            Tree::This => Ok(scope.this.to_vec()),
            Tree::Index => Ok(scope.index.map(Item::Integer).into_iter().collect()),
            Tree::Total => Ok(scope.total.unwrap_or_default().to_vec()),
            Tree::Variable(name) => self.variable(name),
            Tree::Path { start, steps } => self.path(start.as_deref(), steps, scope),
            Tree::Negate(inner) => operators::negate(&self.evaluate(inner, scope)?),
            Tree::Plus(inner) => self.evaluate(inner, scope),
            Tree::Is(inner, name) => {
                types::check(self.environment, name)?;
                operators::is(self.environment, &self.evaluate(inner, scope)?, name)
            }
            Tree::As(inner, name) => {
                types::check(self.environment, name)?;
                let mut items = self.evaluate(inner, scope)?;
                items.retain(|item| types::matches(self.environment, item, name, true));
                Ok(items)
            }
            Tree::Binary { operator, left, right } => operators::binary(self, *operator, left, right, scope),
        }
    }

    fn path(&self, start: Option<&'a Tree>, steps: &'a [Step], scope: Scope<'_, 'a>) -> Outcome<'a> {
        let (mut items, rest) = match (start, steps.split_first()) {
            (Some(start), _) => (self.evaluate(start, scope)?, steps),
            (None, Some((Step::Child(child), rest))) => (navigation::start(self, scope.this, child)?, rest),
            (None, Some((step, rest))) => (self.step(scope.this, step, scope)?, rest),
            (None, None) => return Ok(scope.this.to_vec()),
        };
        if self.environment.strict {
            refuse_unordered(steps)?;
        }
        for (at, step) in rest.iter().enumerate() {
            items = match step {
                Step::Child(child) => navigation::children(self, &items, child, extent_before(rest.get(at + 1)))?,
                step => self.step(&items, step, scope)?,
            };
        }
        Ok(items)
    }

    fn step(&self, items: &[Item<'a>], step: &'a Step, scope: Scope<'_, 'a>) -> Outcome<'a> {
        match step {
            Step::Child(child) => navigation::children(self, items, child, Extent::All),
            Step::Call(call) => self.call(items, call, scope),
            Step::Index(index) => {
                let index = self.evaluate(index, scope)?;
                match operators::integer(&index, "an index")? {
                    Some(at) => Ok(usize::try_from(at).ok().and_then(|at| items.get(at)).cloned().into_iter().collect()),
                    None => Ok(Vec::new()),
                }
            }
        }
    }

    fn call(&self, items: &[Item<'a>], call: &'a Call, scope: Scope<'_, 'a>) -> Outcome<'a> {
        self.charge(1 + items.len())?;
        (call.function.run)(self, items, call, scope)
    }

    /// Evaluates `tree` with one item as `$this`.
    pub fn for_item(&self, tree: &'a Tree, item: &Item<'a>, index: usize, scope: Scope<'_, 'a>) -> Outcome<'a> {
        self.evaluate(
            tree,
            Scope { this: std::slice::from_ref(item), index: Some(i64::try_from(index).unwrap_or(i64::MAX)), total: scope.total },
        )
    }

    /// The argument at `at`, evaluated in the caller's scope; empty when absent.
    pub fn argument(&self, call: &'a Call, at: usize, scope: Scope<'_, 'a>) -> Outcome<'a> {
        call.arguments.get(at).map_or_else(|| Ok(Vec::new()), |tree| self.evaluate(tree, scope))
    }

    fn variable(&self, name: &str) -> Outcome<'a> {
        let resource = self.environment.resource.unwrap_or(self.context);
        let fixed = match name {
            "context" => return Ok(vec![Item::Node(self.context)]),
            "resource" => return Ok(vec![Item::Node(resource)]),
            "rootResource" => return Ok(vec![Item::Node(self.environment.root_resource.unwrap_or(resource))]),
            "ucum" => "http://unitsofmeasure.org",
            "sct" => "http://snomed.info/sct",
            "loinc" => "http://loinc.org",
            _ => {
                if let Some(items) = self.environment.variables.get(name) {
                    return Ok(items.clone());
                }
                let url = if let Some(id) = name.strip_prefix("vs-") {
                    format!("http://hl7.org/fhir/ValueSet/{id}")
                } else if let Some(id) = name.strip_prefix("ext-") {
                    format!("http://hl7.org/fhir/StructureDefinition/{id}")
                } else {
                    return Err(EvaluationError::UnknownVariable(name.to_owned()));
                };
                return Ok(vec![Item::text(url)]);
            }
        };
        Ok(vec![Item::text(fixed)])
    }
}
