//! What a reference payer is asked: the suites of one guide, as its first member.

use std::path::Path;
use std::sync::Arc;

use thiserror::Error;

use super::sign_in;
use crate::check::PayerFacts;
use crate::fhir::day::Day;
use crate::guide::{Catalogue, GuideId};
use crate::plan::Selection;
use crate::reference::Running;
use crate::run::event::RunFacts;
use crate::run::{Baseline, Job, Limits, now};
use crate::suite::Suite;
use crate::target::{ConfigFile, OtherTokens, Secret, Target, TargetConfig, TargetError};

/// Where the facts of a reference payer come from, for messages.
const OWN_FACTS: &str = "the facts of the reference payer";

/// What a reference payer is asked.
#[derive(Clone, Debug)]
pub struct Questions {
    /// The guide that the payer follows and is judged by.
    pub guide: GuideId,
    /// What the guide says.
    pub catalogue: Arc<Catalogue>,
    /// The questions.
    pub suites: Vec<Suite>,
    /// Which of them.
    pub selection: Selection,
    /// Bounds.
    pub limits: Limits,
    /// The day by whose rules the payer is judged.
    pub as_of: Day,
    /// Whether the payer says of its own data what it knows.
    pub with_facts: bool,
    /// Whether a sign-in is that of a public client; otherwise of one with a secret.
    pub as_public_client: bool,
}

/// Why a payer cannot be asked.
#[derive(Debug, Error)]
pub enum QuestionsError {
    /// There is nobody to ask as.
    #[error("the reference payer needs at least one member: --members 1")]
    NoMember,
    /// Its address is of no use.
    #[error(transparent)]
    Target(#[from] TargetError),
}

impl Questions {
    /// Everything that a run against this payer needs.
    ///
    /// # Errors
    /// When the payer has no member.
    pub fn job(&self, payer: &Running) -> Result<Job, QuestionsError> {
        self.job_at(payer.base(), payer)
    }

    /// As [`Questions::job`], for a payer that is reached by another base, such as a proxy's.
    ///
    /// # Errors
    /// When the payer has no member, or the base is no URL.
    pub fn job_at(&self, base: &str, payer: &Running) -> Result<Job, QuestionsError> {
        let member = payer.members().first().ok_or(QuestionsError::NoMember)?;
        let mut config = TargetConfig::of_base(base)?;
        if let Some(authority) = payer.authority() {
            config.authority = Some(authority.to_owned());
            // The payer may say that it has this name as well.
            config.allow_origins.extend(base.replace("127.0.0.1", "localhost").parse().ok());
        }
        sign_in::prepare(&mut config, payer, self.limits.allow_writes, self.as_public_client)?;
        if config.auth.is_none() {
            config.token = Some(Secret::new(&member.token));
        }
        config.other_tokens = OtherTokens {
            expired: payer.expired_token().map(Secret::new),
            foreign: payer.foreign_token().map(Secret::new),
            other_member: payer.members().get(1).map(|other| Secret::new(&other.token)),
        };
        config.patients = vec![member.patient.clone()];
        config.limits.concurrency = self.limits.concurrency;
        config.limits.pages = self.limits.max_pages;
        let payer_facts =
            if self.with_facts { ConfigFile::parse(payer.facts(), Path::new(OWN_FACTS))?.facts } else { PayerFacts::default() };
        config.allow_origins.extend(payer_facts.pages().cloned());
        let target = Arc::new(Target::new(config)?);
        let other_patient = payer.members().get(1).map(|other| other.patient.clone());
        let facts = RunFacts {
            target: target.base().to_owned(),
            guides: vec![self.guide.clone()],
            suites: self.suites.iter().map(|suite| suite.id.clone()).collect(),
            started: now(),
            allow_inconclusive: self.limits.allow_inconclusive,
            members: std::iter::once(&member.patient).chain(&other_patient).cloned().collect(),
            as_of: Some(self.as_of),
            payer_facts_text: payer_facts.text.clone(),
            payer_facts: payer_facts.given(Some(self.as_of)).into_iter().map(str::to_owned).collect(),
            ..RunFacts::default()
        };
        Ok(Job {
            target,
            catalogue: self.catalogue.clone(),
            suites: self.suites.clone(),
            selection: self.selection.clone(),
            declared: None,
            patients: vec![member.patient.clone()],
            other_patient,
            payer_facts: Arc::new(payer_facts),
            baseline: Baseline::default(),
            facts,
            limits: self.limits,
        })
    }
}
