import type { AuthApi } from '../../../shared/contracts/auth'
import type { Instant, UserId } from '../../../shared/contracts/ids'
import type { Deliverability } from './deliverability'
import type { SuppressionList } from './suppression-list'

type Needs<Verb extends keyof SuppressionList> = {
  auth: Pick<AuthApi, 'contact'>
  suppressions: Pick<SuppressionList, Verb>
}

/** The deliverability of a user's address; `ok` for a guest, who has none. */
export async function deliverabilityOf({ auth, suppressions }: Needs<'lookUp'>, userId: UserId): Promise<Deliverability> {
  const contact = await auth.contact(userId)
  return contact ? (await suppressions.lookUp([contact.email]))(contact.email) : 'ok'
}

/** Allows e-mails to a user again. */
export async function clearSuppression(
  { auth, suppressions, now }: Needs<'clear'> & { now: () => Instant },
  userId: UserId,
): Promise<void> {
  const contact = await auth.contact(userId)
  if (contact) await suppressions.clear(contact.email, now())
}
