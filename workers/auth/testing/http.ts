import { createExecutionContext, waitOnExecutionContext } from 'cloudflare:test'
import { env } from 'cloudflare:workers'
import type { Actor } from '../../../shared/contracts/actor'
import { type Answer, type CallOptions, call } from '../../../shared/testing/http'
import { createUser, enterAsGuest, signIn } from '../commands'
import type { Deps } from '../deps'
import { toUserDto } from '../dto'
import { app } from '../routes'
import { issueTokens } from '../session-commands'
import { actorIn, anEmail, anOrigin, aWorld, password } from './fixtures'

/** The Worker's fetch handler, by the real clock. */
export async function endpoint(request: Request, bindings: AuthEnv = env): Promise<Response> {
  const context = createExecutionContext()
  const response = await app.fetch(request, bindings, context)
  await waitOnExecutionContext(context)
  return response
}

export const post = (path: string, body?: unknown, options: CallOptions = {}): Promise<Answer> =>
  call(endpoint, 'POST', path, { body, ...options })

export const registration = (email = anEmail()) => ({ email, password, name: 'Ada' })

/** Deps with the real clock, which the routes use, and a cheap password hash. */
const live = (): Deps => ({ ...aWorld().deps, now: Date.now })

/** A guest with a live session. */
export const aGuest = async (): Promise<Actor> => actorIn(await enterAsGuest(live(), anOrigin()))

/** A new user who is signed in with a role. */
export async function aMember(role: 'buyer' | 'admin' = 'buyer') {
  const deps = live()
  const body = registration()
  const user = await createUser(deps, { email: body.email, name: body.name, role, storeName: null }, password)
  const { session } = await signIn(deps, body.email, password, anOrigin())
  return { body, user: toUserDto(user), tokens: await issueTokens(deps, session), actor: actorIn(session) }
}
