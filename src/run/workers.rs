//! Runs cases, several at once: whoever is free takes the next one.

use std::panic::AssertUnwindSafe;
use std::sync::Arc;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::time::Duration;

use futures_util::FutureExt;
use tokio::sync::mpsc;
use tokio::task::JoinSet;
use tokio::time::sleep;

use super::event::CaseResult;
use super::judge::{Judge, Turn};
use crate::plan::Plan;

/// How long news may wait for more of it, so that the one who reports is not woken for each.
const GATHERING: Duration = Duration::from_millis(4);
/// How much news may wait; whoever has more waits too.
const MOST_NEWS: usize = 1024;

/// What became of a case, by its place in the plan.
pub enum News {
    /// It is being run.
    Started(usize),
    /// It has its result. The turn is to be held until that is reported.
    Finished(usize, Box<CaseResult>, Turn),
}

/// Workers on a list of cases. They stop where they are when this is dropped.
pub struct Workers {
    job: Arc<Job>,
    news: mpsc::Receiver<News>,
    gathers: bool,
    /// Aborts them when it is dropped.
    tasks: JoinSet<()>,
}

/// What all workers share.
struct Job {
    plan: Arc<Plan>,
    judge: Arc<Judge>,
    queue: Queue,
}

/// The cases that nobody has taken yet.
struct Queue {
    order: Vec<usize>,
    next: AtomicUsize,
}

impl Workers {
    /// Starts on cases by their places in the plan, `count` at once.
    pub fn start(plan: &Arc<Plan>, judge: &Arc<Judge>, order: Vec<usize>, count: usize) -> Self {
        let job = Arc::new(Job { plan: plan.clone(), judge: judge.clone(), queue: Queue::new(order) });
        let (sender, news) = mpsc::channel(MOST_NEWS);
        let mut tasks = JoinSet::new();
        for _ in 0..count.max(1) {
            tasks.spawn(work(job.clone(), sender.clone()));
        }
        Self { job, news, gathers: false, tasks }
    }

    /// What has become of cases since the last call, in order; nothing once all have ended. Nothing is lost when the call is given up.
    pub async fn news(&mut self) -> Vec<News> {
        if self.gathers {
            // Once all have ended there is no more to wait for.
            tokio::select! {
                () = sleep(GATHERING) => {}
                () = ended(&mut self.tasks) => {}
            }
        }
        let mut news = Vec::new();
        self.news.recv_many(&mut news, MOST_NEWS).await;
        self.gathers = true;
        news
    }

    /// Lets no case be started any more.
    pub fn stop(&self) {
        self.job.queue.close();
    }
}

async fn ended(tasks: &mut JoinSet<()>) {
    while tasks.join_next().await.is_some() {}
}

/// Takes cases until there are none left, or nobody listens any more. A case whose judging breaks has no result.
async fn work(job: Arc<Job>, sender: mpsc::Sender<News>) {
    while let Some(index) = job.queue.take() {
        let Some(case) = job.plan.cases.get(index) else { continue };
        if sender.send(News::Started(index)).await.is_err() {
            return;
        }
        let turn = job.judge.heavy.turn(case).await;
        let Ok(result) = AssertUnwindSafe(job.judge.judge(case)).catch_unwind().await else { continue };
        if sender.send(News::Finished(index, Box::new(result), turn)).await.is_err() {
            return;
        }
    }
}

impl Queue {
    fn new(order: Vec<usize>) -> Self {
        Self { order, next: AtomicUsize::new(0) }
    }

    fn take(&self) -> Option<usize> {
        let next = |next: usize| self.order.get(next).map(|_| next + 1);
        let at = self.next.fetch_update(Ordering::Relaxed, Ordering::Relaxed, next).ok()?;
        self.order.get(at).copied()
    }

    fn close(&self) {
        self.next.store(self.order.len(), Ordering::Relaxed);
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn each_is_taken_once_in_order_and_none_after_the_end() {
        let queue = Queue::new(vec![3, 1, 2]);
        assert_eq!([queue.take(), queue.take()], [Some(3), Some(1)]);
        queue.close();
        assert_eq!([queue.take(), queue.take()], [None, None]);
        assert_eq!(Queue::new(Vec::new()).take(), None);
    }
}
