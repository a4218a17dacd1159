import { type EventName, events, type Handlers } from '../../shared/contracts/events'
import type { Deps } from './deps'

const names = Object.keys(events) as EventName[]

/** All events alike. */
export const handlers = Object.fromEntries(names.map((name) => [name, async () => {}])) as unknown as Handlers<'audit', Deps>
