import { exports } from 'cloudflare:workers'
import { newId } from '../../shared/contracts/ids'
import { routeBattery } from '../../shared/testing/battery'
import { app } from './routes'
import { aBuyer, anEmail, aWorld, password } from './testing/fixtures'
import { aGuest, aMember, endpoint, post, registration } from './testing/http'

const credentials = { email: 'ada@example.com', password }

/** A link to set a new password. */
async function aResetLink() {
  const { user, body } = await aMember()
  await post('/v1/auth/password/forgot', { email: body.email })
  const requestId = (await aWorld().deps.users.load(user.id))?.resets[0]?.id ?? 'req_'
  return (await exports.AuthRpc.passwordReset(user.id, requestId))?.token
}

routeBattery(app, endpoint, [
  {
    ...{ route: 'POST /v1/auth/register', access: 'public', path: '/v1/auth/register' },
    body: { ...credentials, name: 'Ada', role: 'seller', storeName: 'Desks' },
    works: async () => ({ body: registration(), other: registration() }),
  },
  {
    ...{ route: 'POST /v1/auth/login', access: 'public', path: '/v1/auth/login', body: credentials },
    works: async () => {
      const { email } = (await aMember()).body
      return { body: { email, password }, other: { email, password: 'a wrong password' } }
    },
  },
  { route: 'POST /v1/auth/guest', access: 'public', path: '/v1/auth/guest' },
  { route: 'GET /v1/auth/me', access: 'signed-in', path: '/v1/auth/me' },
  {
    ...{ route: 'POST /v1/auth/verify-email', access: 'public', path: '/v1/auth/verify-email', body: { token: 'x' } },
    works: async () => {
      const mail = await exports.AuthRpc.emailVerification((await aMember()).user.id)
      return { body: { token: mail?.token }, other: { token: 'y' } }
    },
  },
  {
    ...{ route: 'POST /v1/auth/password/forgot', access: 'public', path: '/v1/auth/password/forgot' },
    body: { email: credentials.email },
    works: async () => ({ other: { email: anEmail() } }),
  },
  {
    ...{ route: 'POST /v1/auth/password/reset', access: 'public', path: '/v1/auth/password/reset' },
    body: { token: 'x', password },
    works: async () => {
      const token = await aResetLink()
      return { body: { token, password }, other: { token, password: 'another horse entirely' } }
    },
  },
  {
    ...{ route: 'POST /v1/auth/refresh', access: 'public', path: '/v1/auth/refresh', body: { refreshToken: 'x' } },
    works: async () => {
      const { refreshToken } = (await post('/v1/auth/guest')).json
      return { body: { refreshToken }, other: { refreshToken: 'y' } }
    },
  },
  {
    ...{ route: 'POST /v1/auth/logout', access: 'signed-in', path: '/v1/auth/logout' },
    works: async () => ({ actor: await aGuest() }),
  },
  { route: 'GET /v1/auth/sessions', access: 'signed-in', path: '/v1/auth/sessions' },
  {
    route: 'DELETE /v1/auth/sessions/{id}',
    access: 'signed-in',
    path: `/v1/auth/sessions/${newId('ses')}`,
    foreign: async () => {
      const { deps } = aWorld()
      const [mine, theirs] = [await aGuest(), await aBuyer(deps)]
      return { path: `/v1/auth/sessions/${theirs.session._id}`, actor: mine }
    },
    works: async () => {
      const actor = await aGuest()
      return { actor, path: `/v1/auth/sessions/${actor.sessionId}` }
    },
  },
  { route: 'GET /v1/auth/.well-known/jwks.json', access: 'public', path: '/v1/auth/.well-known/jwks.json' },
  {
    route: 'PUT /v1/auth/users/{id}/role',
    access: ['admin'],
    path: `/v1/auth/users/${newId('usr')}/role`,
    body: { role: 'seller', storeName: 'Desks' },
    // An operator gets 404 only for an unknown user.
    foreign: async () => ({ path: `/v1/auth/users/${newId('usr')}/role`, actor: (await aMember('admin')).actor }),
    works: async () => {
      const { actor } = await aMember('admin')
      return { actor, path: `/v1/auth/users/${(await aMember()).user.id}/role`, other: { role: 'buyer' } }
    },
  },
])
