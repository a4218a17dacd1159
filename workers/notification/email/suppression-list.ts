import type { Instant, UserId } from '../../../shared/contracts/ids'
import type { Documents } from '../../../shared/storage/documents'
import { kinds } from '../content/notification'
import type { Deps } from '../deps'
import type { Mail } from './email'

/** How mails to an address fared: it takes them, they came back for good, or somebody called them spam. */
export const standings = ['ok', 'bounced', 'complained'] as const
export type Standing = (typeof standings)[number]

export type Report = { standing: Exclude<Standing, 'ok'>; reason: string; at: Instant }

type Address = {
  /** SHA-256 of the address in lower case, hexadecimal: it need not be readable to be known again. */
  _id: string
  standing: Standing
  reason: string | null
  /** When what is known of it happened: a report of something older changes nothing. */
  at: Instant
}

export type AddressRepo = ReturnType<typeof addressRepo>

export function addressRepo(documents: Documents) {
  const collection = documents.collection<Address>({ name: 'addresses' })
  const setNewer = async (address: string, state: Omit<Address, '_id'>) => {
    const _id = await digestOf(address)
    await collection.batch([
      { action: 'updateOne', filter: { _id }, update: { $setOnInsert: state }, upsert: true },
      { action: 'updateOne', filter: { _id, at: { $lt: state.at } }, update: { $set: state } },
    ])
  }
  return {
    /** How addresses fare, in one round trip; those of which nothing is known are `ok`. */
    of: async (addresses: readonly string[]): Promise<(address: string) => Standing> => {
      if (addresses.length === 0) return () => 'ok'
      const digests = new Map(await Promise.all(addresses.map(async (address) => [address, await digestOf(address)] as const)))
      const found = await collection.find({ _id: { $in: [...digests.values()] } })
      const known = new Map(found.map(({ _id, standing }) => [_id, standing]))
      return (address) => known.get(digests.get(address) ?? '') ?? 'ok'
    },
    /** Notes what a provider reports. Harmless to repeat, in any order. */
    note: (address: string, { standing, reason, at }: Report) => setNewer(address, { standing, reason, at }),
    /** Has an address tried again. What was reported before is not heard any more. */
    clear: (address: string, now: Instant) => setNewer(address, { standing: 'ok', reason: null, at: now }),
  }
}

async function digestOf(address: string): Promise<string> {
  const bytes = await crypto.subtle.digest('SHA-256', new TextEncoder().encode(address.trim().toLowerCase()))
  return Array.from(new Uint8Array(bytes), (byte) => byte.toString(16).padStart(2, '0')).join('')
}

/**
 * Whether a mail may go to an address. After a bounce nothing may: sending on costs the sender its good name, and reaches nobody.
 * After a complaint only what concerns the account may, which its owner asked for or must know.
 */
export function mayWriteTo(standing: Standing, { content }: Pick<Mail, 'content'>): boolean {
  if (standing !== 'complained') return standing === 'ok'
  if (content.kind === 'notice') return kinds[content.type].category === 'account'
  return content.kind !== 'digest'
}

/** How mails to a user fare; `ok` for a guest, who has no address. */
export async function standingOf(deps: Deps, userId: UserId): Promise<Standing> {
  const contact = await deps.auth.contact(userId)
  return contact ? (await deps.addresses.of([contact.email]))(contact.email) : 'ok'
}

/** Has mails to a user tried again. */
export async function clearStanding(deps: Deps, userId: UserId): Promise<void> {
  const contact = await deps.auth.contact(userId)
  if (contact) await deps.addresses.clear(contact.email, deps.now())
}
