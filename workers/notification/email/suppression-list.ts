import type { Instant } from '../../../shared/contracts/ids'
import type { Documents } from '../../../shared/storage/documents'
import type { Deliverability, DeliveryReport } from './deliverability'

type Address = {
  /** SHA-256 of the address in lower case, hexadecimal: an address can be recognised without being readable. */
  _id: string
  deliverability: Deliverability
  reason: string | null
  /** When the newest reported fact happened: reports about older ones change nothing. */
  at: Instant
}

export type SuppressionList = ReturnType<typeof suppressionList>

export function suppressionList(documents: Documents) {
  const collection = documents.collection<Address>({ name: 'addresses' })
  const setNewer = async (address: string, state: Omit<Address, '_id'>) => {
    const _id = await hashOf(address)
    await collection.batch([
      { action: 'updateOne', filter: { _id }, update: { $setOnInsert: state }, upsert: true },
      { action: 'updateOne', filter: { _id, at: { $lt: state.at } }, update: { $set: state } },
    ])
  }
  return {
    /** The deliverability of addresses, in one round trip; `ok` for those about which nothing is known. */
    lookUp: async (addresses: readonly string[]): Promise<(address: string) => Deliverability> => {
      if (addresses.length === 0) return () => 'ok'
      const hashes = new Map(await Promise.all(addresses.map(async (address) => [address, await hashOf(address)] as const)))
      const found = await collection.find({ _id: { $in: [...hashes.values()] } })
      const known = new Map(found.map(({ _id, deliverability }) => [_id, deliverability]))
      return (address) => known.get(hashes.get(address) ?? '') ?? 'ok'
    },
    /** Records what a provider reports. Harmless to repeat, in any order. */
    record: (address: string, { deliverability, reason, at }: DeliveryReport) =>
      setNewer(address, { deliverability, reason, at }),
    /** Allows e-mails to an address again. Reports about anything earlier no longer count. */
    clear: (address: string, now: Instant) => setNewer(address, { deliverability: 'ok', reason: null, at: now }),
  }
}

async function hashOf(address: string): Promise<string> {
  const bytes = await crypto.subtle.digest('SHA-256', new TextEncoder().encode(address.trim().toLowerCase()))
  return Array.from(new Uint8Array(bytes), (byte) => byte.toString(16).padStart(2, '0')).join('')
}
