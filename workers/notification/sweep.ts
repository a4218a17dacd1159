import { inTurn } from '../../shared/events/in-turn'
import { sweepIdempotency } from '../../shared/http/idempotency'
import type { Deps } from './deps'
import { closeWindows } from './email/digest'
import { dispatchDue, forgetMails } from './notify/dispatch'
import { resumeNews } from './notify/watchlist'

/** What cron does: has mails that waited for others go out as one, sends what is due and forgets what is old, goes on telling watchers, forgets the events a local run has seen. */
export async function sweep(deps: Deps): Promise<void> {
  await inTurn(
    () => closeWindows(deps),
    () => dispatchDue(deps),
    () => forgetMails(deps),
    () => resumeNews(deps),
    () => sweepIdempotency(deps),
  )
}
