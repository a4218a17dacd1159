import { env } from 'cloudflare:workers'
import type { Actor } from '../../../shared/contracts/actor'
import type { DataApi } from '../../../shared/contracts/data'
import { newId } from '../../../shared/contracts/ids'
import { storeOf } from '../../../shared/storage/store'
import { storeBindings } from '../../../shared/testing/data'
import { aClock, aPublisher } from '../../../shared/testing/factories'
import { register } from '../commands'
import { type AuthOverrides, type Deps, depsFrom } from '../deps'
import type { Session } from '../session'
import { issueTokens, type Origin } from '../session-commands'

/** A cost of scrypt that tests can afford often. */
export const cheap = { log2n: 4, r: 1, p: 1 }
export const password = 'correct horse battery staple'

/** Deps with a fixed clock, a publisher that records, and a cheap password hash. */
export function aWorld(overrides: Pick<AuthOverrides, 'limits' | 'newId'> = {}) {
  const clock = aClock()
  const publisher = aPublisher()
  const { data, calls } = recorded(storeOf(env))
  const options = { now: clock, publish: publisher.publish, cost: cheap, ...overrides }
  const deps: Deps = depsFrom({ ...env, ...storeBindings(data) } as unknown as AuthEnv, undefined, options)
  return { deps, clock, publisher, calls }
}

/** A data Worker that records its calls, such as `users.findOne`. */
function recorded(data: DataApi) {
  const calls: string[] = []
  const run: DataApi['run'] = (target, operation) => {
    calls.push(`${target.collection}.${operation.action}`)
    return data.run(target, operation)
  }
  const batch: DataApi['batch'] = (operations) => {
    calls.push(operations.map(({ target, operation }) => `${target.collection}.${operation.action}`).join('+'))
    return data.batch(operations)
  }
  return { calls, data: { run, batch } }
}

/** A new address, without counted attempts. */
export const anOrigin = (): Origin => ({ address: newId('req'), userAgent: 'a browser' })

export const anEmail = (): string => `${newId('usr')}@example.com`

/** A new buyer, signed in. */
export async function aBuyer(deps: Deps) {
  const email = anEmail()
  const { user, session } = await register(deps, { email, name: 'Ada', role: 'buyer', storeName: null }, password, anOrigin())
  return { user, session, email, tokens: await issueTokens(deps, session), actor: actorIn(session) }
}

export const actorIn = ({ userId, _id, role, name }: Session): Actor => ({ userId, sessionId: _id, role, name })
