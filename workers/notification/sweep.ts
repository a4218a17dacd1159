import type { Deps } from './deps'
import { dispatchDue } from './posting'
import { resumeNews } from './watching'

/** What cron does: sends the mails that wait, goes on telling watchers, forgets the events a local run has seen. */
export async function sweep(deps: Deps): Promise<void> {
  await dispatchDue(deps)
  await resumeNews(deps)
  await deps.seen.forgetOld(deps.now())
}
