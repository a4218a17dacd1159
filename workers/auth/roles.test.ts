import { describe, expect, it } from 'vitest'
import type { DataApi } from '../../shared/contracts/data'
import { resultOf } from '../../shared/contracts/outcome'
import { documents } from '../../shared/storage/documents'
import { call } from '../../shared/testing/http'
import * as commands from './commands'
import type { Deps } from './deps'
import { userRepo } from './repo'
import { changeRole } from './roles'
import { currentSession, refresh } from './session-commands'
import { sweep } from './sweep'
import { aBuyer, actorIn, anEmail, anOrigin, aWorld, password } from './testing/fixtures'
import { aMember, endpoint } from './testing/http'

const seller = { role: 'seller', storeName: 'Desks' } as const
const buyer = { role: 'buyer', storeName: null } as const
const admin = { role: 'admin', storeName: null } as const

async function anOperator(deps: Deps) {
  const email = anEmail()
  await commands.createUser(deps, { email, name: 'Olga', role: 'admin', storeName: null }, password)
  const { session } = await commands.signIn(deps, email, password, anOrigin())
  return { email, actor: actorIn(session) }
}

async function withOperator() {
  const world = aWorld()
  const mine = <T extends { data: { userId: string } }>(events: T[], userId: string) =>
    events.filter(({ data }) => data.userId === userId)
  return { ...world, mine, operator: await anOperator(world.deps), ...(await aBuyer(world.deps)) }
}

/** Deps whose next batch of writes to users is interrupted by `meanwhile`, as can happen, since a batch is not a transaction. */
function stalling(
  deps: Deps,
  when: 'before its writes' | 'half-way through its writes',
  meanwhile: () => Promise<unknown>,
): Deps {
  let stalled = false
  const batch: DataApi['batch'] = async (operations) => {
    if (stalled) return deps.data.batch(operations)
    stalled = true
    if (when === 'before its writes') {
      await meanwhile()
      return deps.data.batch(operations)
    }
    const first = resultOf(await deps.data.batch(operations.slice(0, 1)))
    await meanwhile()
    return { result: [...first, ...resultOf(await deps.data.batch(operations.slice(1)))] }
  }
  const users = userRepo(documents({ ...deps.data, batch }, 'credenza_auth'))
  return { ...deps, users: { ...deps.users, saveAs: users.saveAs } }
}

describe('another role', () => {
  it('is published, and ends every session with the old role', async () => {
    const { deps, publisher, mine, operator, user, session, tokens, email, actor } = await withOperator()
    const second = await commands.signIn(deps, email, password, anOrigin())
    const changed = await changeRole(deps, operator.actor, user._id, seller)
    expect(changed).toMatchObject(seller)
    const facts = { version: user.version + 1, userId: user._id, role: 'seller', previous: 'buyer', by: operator.actor.userId }
    expect(mine(publisher.ofType('user.role_changed'), user._id).map(({ data }) => data)).toEqual([facts])
    const ended = mine(publisher.ofType('user.session_revoked'), user._id).map(({ data }) => [data.sessionId, data.reason])
    expect(ended.sort()).toEqual([session._id, second.session._id].sort().map((id) => [id, 'role_changed']))
    await expect(refresh(deps, tokens.refreshToken)).rejects.toMatchObject({ code: 'token_invalid' })
    await expect(currentSession(deps, actor)).rejects.toMatchObject({ code: 'token_invalid' })
    const again = await commands.signIn(deps, email, password, anOrigin())
    expect([again.session.role, again.user.storeName]).toEqual(['seller', 'Desks'])
    await expect(currentSession(deps, operator.actor)).resolves.toBeDefined()
  })

  it('publishes nothing when it is the same role', async () => {
    const { deps, publisher, mine, operator, user, tokens } = await withOperator()
    expect(await changeRole(deps, operator.actor, user._id, buyer)).toMatchObject({ version: user.version, ...buyer })
    expect(await changeRole(deps, operator.actor, operator.actor.userId, admin)).toMatchObject(admin)
    expect(mine(publisher.ofType('user.role_changed'), user._id)).toEqual([])
    await expect(refresh(deps, tokens.refreshToken)).resolves.toBeDefined()
  })

  it('ends the sessions though it crashed before it reached them', async () => {
    for (const finish of ['sweep', 'repeat'] as const) {
      const { deps, publisher, mine, operator, user, session, tokens } = await withOperator()
      const crashing: Deps = { ...deps, sessions: { ...deps.sessions, before: () => Promise.reject(new Error('crash')) } }
      publisher.down = true
      await expect(changeRole(crashing, operator.actor, user._id, seller)).rejects.toThrow('crash')
      publisher.down = false
      await expect(refresh(deps, tokens.refreshToken)).rejects.toMatchObject({ code: 'token_invalid' })
      if (finish === 'repeat') await changeRole(deps, operator.actor, user._id, seller)
      await sweep(deps)
      expect(mine(publisher.ofType('user.role_changed'), user._id)).toHaveLength(1)
      const ended = mine(publisher.ofType('user.session_revoked'), user._id).map(({ data }) => [data.sessionId, data.reason])
      expect(ended).toEqual([[session._id, 'role_changed']])
    }
  })

  it('refuses a concurrent sign-in with the old role', async () => {
    const { deps, operator, user, email } = await withOperator()
    const slow: Deps = {
      ...deps,
      passwords: {
        ...deps.passwords,
        matches: async (text, hash) => {
          await changeRole(deps, operator.actor, user._id, seller)
          return deps.passwords.matches(text, hash)
        },
      },
    }
    await expect(commands.signIn(slow, email, password, anOrigin())).rejects.toMatchObject({ code: 'invalid_credentials' })
    expect(await deps.sessions.before(user._id, Number.MAX_SAFE_INTEGER, 1)).toEqual([])
  })
})

describe('an operator', () => {
  it('cannot take the role from themselves', async () => {
    const { deps, operator } = await withOperator()
    await expect(changeRole(deps, operator.actor, operator.actor.userId, buyer)).rejects.toMatchObject({ code: 'invalid_state' })
    expect(await deps.users.load(operator.actor.userId)).toMatchObject(admin)
  })

  it('is left when two operators take the role from each other at the same time', async () => {
    for (let time = 0; time < 5; time++) {
      const { deps, operator } = await withOperator()
      const other = await anOperator(deps)
      const pairs = [[operator, other] as const, [other, operator] as const]
      await Promise.allSettled(pairs.map(([by, whom]) => changeRole(deps, by.actor, whom.actor.userId, buyer)))
      const roles = await Promise.all(pairs.map(async ([by]) => (await deps.users.load(by.actor.userId))?.role))
      expect(roles.sort()).toEqual(['admin', 'buyer'])
    }
  })

  it('who lost the role cannot give roles, though their access token still names it', async () => {
    const { deps, operator, user } = await withOperator()
    const other = await anOperator(deps)
    await changeRole(deps, operator.actor, other.actor.userId, buyer)
    await expect(changeRole(deps, other.actor, user._id, admin)).rejects.toMatchObject({ code: 'token_invalid' })
    expect(await deps.users.load(user._id)).toMatchObject(buyer)
  })

  it.each(['before its writes', 'half-way through its writes'] as const)(
    'is left when one operator stalls %s and loses the role meanwhile',
    async (when) => {
      const { deps, operator } = await withOperator()
      const other = await anOperator(deps)
      const slow = stalling(deps, when, () => changeRole(deps, other.actor, operator.actor.userId, buyer))
      await expect(changeRole(slow, operator.actor, other.actor.userId, buyer)).rejects.toMatchObject({ code: 'token_invalid' })
      const roles = await Promise.all([operator, other].map(async ({ actor }) => (await deps.users.load(actor.userId))?.role))
      expect(roles).toEqual(['buyer', 'admin'])
    },
  )

  it('cannot finish giving a role after they lost their own', async () => {
    const { deps, operator, user } = await withOperator()
    const other = await anOperator(deps)
    const slow = stalling(deps, 'before its writes', () => changeRole(deps, other.actor, operator.actor.userId, buyer))
    await expect(changeRole(slow, operator.actor, user._id, admin)).rejects.toMatchObject({ code: 'token_invalid' })
    expect(await deps.users.load(user._id)).toMatchObject(buyer)
  })

  it('is left when three operators take the role from each other in a circle, each half-way when the next begins', async () => {
    const { deps, operator: first } = await withOperator()
    const [second, third] = [await anOperator(deps), await anOperator(deps)]
    const results: string[] = []
    const take = async (by: typeof first, whom: typeof first, meanwhile: () => Promise<unknown>) => {
      const slow = stalling(deps, 'half-way through its writes', meanwhile)
      await changeRole(slow, by.actor, whom.actor.userId, buyer).then(
        () => results.push('done'),
        ({ code }) => results.push(code),
      )
    }
    await take(first, second, () => take(second, third, () => take(third, first, async () => {})))
    const roles = await Promise.all([first, second, third].map(async ({ actor }) => (await deps.users.load(actor.userId))?.role))
    expect([results, roles]).toEqual([
      ['done', 'done', 'token_invalid'],
      ['buyer', 'admin', 'buyer'],
    ])
  })

  it('can give roles at once after a crash half-way', async () => {
    const { deps, operator, user } = await withOperator()
    const crashing = stalling(deps, 'half-way through its writes', () => Promise.reject(new Error('crash')))
    await expect(changeRole(crashing, operator.actor, user._id, seller)).rejects.toThrow('crash')
    expect(await deps.users.load(user._id)).toMatchObject(buyer)
    await expect(changeRole(deps, operator.actor, user._id, seller)).resolves.toMatchObject(seller)
  })
})

describe('PUT /v1/auth/users/{id}/role', () => {
  const put = async (actor: Awaited<ReturnType<typeof aMember>>['actor'], userId: string, body: unknown) =>
    call(endpoint, 'PUT', `/v1/auth/users/${userId}/role`, { actor, body })

  it('answers the changed user', async () => {
    const [operator, member] = [await aMember('admin'), await aMember()]
    const { status, json } = await put(operator.actor, member.user.id, { role: 'seller', storeName: ' Lamps ' })
    expect([status, json]).toEqual([200, { ...member.user, role: 'seller', storeName: 'Lamps' }])
  })

  it('refuses an unknown role, and a store name for any role but seller', async () => {
    const [operator, member] = [await aMember('admin'), await aMember()]
    for (const [path, body] of [
      ['role', { role: 'guest' }],
      ['storeName', { role: 'seller' }],
      ['storeName', { role: 'admin', storeName: 'Desks' }],
    ] as const) {
      const { status, json } = await put(operator.actor, member.user.id, body)
      expect([status, json.errors[0].path]).toEqual([422, path])
    }
  })
})
