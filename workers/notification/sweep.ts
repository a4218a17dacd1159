import { inTurn } from '../../shared/events/in-turn'
import type { Deps } from './deps'
import { dispatchDue, forgetMails } from './posting'
import { resumeNews } from './watching'

/** What cron does: sends the mails that wait and forgets old ones, goes on telling watchers, forgets the events a local run has seen. */
export async function sweep(deps: Deps): Promise<void> {
  await inTurn(
    () => dispatchDue(deps),
    () => forgetMails(deps),
    () => resumeNews(deps),
    () => deps.seen.forgetOld(deps.now()),
  )
}
