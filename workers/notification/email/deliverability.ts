import type { Instant } from '../../../shared/contracts/ids'
import { kinds } from '../content/notification'
import type { Email } from './email'

/** What happened to earlier e-mails to an address: they arrive, they bounced for good, or their reader reported them as spam. */
export const deliverabilityStates = ['ok', 'bounced', 'complained'] as const
export type Deliverability = (typeof deliverabilityStates)[number]

/** What a provider reports about an address. */
export type DeliveryReport = { deliverability: Exclude<Deliverability, 'ok'>; reason: string; at: Instant }

/**
 * Whether an e-mail may go to an address. After a bounce none may: it would reach nobody, and cost the sender its reputation. After a
 * complaint only account e-mails may, which the user asked for or must know about.
 */
export function maySendTo(deliverability: Deliverability, { content }: Pick<Email, 'content'>): boolean {
  if (deliverability !== 'complained') return deliverability === 'ok'
  if (content.kind === 'notice') return kinds[content.type].category === 'account'
  return content.kind !== 'digest'
}
