import { type Envelope, type EventName, events, type Handlers } from '../../shared/contracts/events'
import type { Deps } from './deps'

const names = Object.keys(events) as EventName[]
const record = (event: Envelope, { log, now }: Deps): Promise<void> => log.record(event, now())

/** Every event of the catalogue is recorded in the same way. */
export const handlers = Object.fromEntries(names.map((name) => [name, record])) as unknown as Handlers<'audit', Deps>
