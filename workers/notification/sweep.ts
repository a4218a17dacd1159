import { inSequence } from '../../shared/events/in-sequence'
import { sweepIdempotency } from '../../shared/http/idempotency'
import type { Deps } from './deps'
import { closeWindows } from './email/digest'
import { dispatchDue, forgetEmails } from './notify/dispatch'
import { resumeProductNews } from './notify/watchlist'

/** What cron does: closes digest windows, sends e-mails that are due, deletes old ones, continues to notify watchers. */
export async function sweep(deps: Deps): Promise<void> {
  await inSequence(
    () => closeWindows(deps),
    () => dispatchDue(deps),
    () => forgetEmails(deps),
    () => resumeProductNews(deps),
    () => sweepIdempotency(deps),
  )
}
