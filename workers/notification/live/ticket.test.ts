import { describe, expect, it } from 'vitest'
import { newId } from '../../../shared/contracts/ids'
import { call } from '../../../shared/testing/http'
import { goLive, issueTicket } from '../notify/commands'
import { aWorld } from '../testing/fixtures'
import { openTicket, sealTicket, ticketFor } from './ticket'

const aTicket = () => ({ userId: newId('usr'), sessionId: newId('ses'), nonce: newId('req'), expiresAt: 1_000 })

describe('a ticket', () => {
  it('names its user and session', async () => {
    const ticket = aTicket()
    expect(await openTicket(await sealTicket(ticket, 'secret'), 'secret', 999)).toEqual(ticket)
  })

  it('expires', async () => {
    const sealed = await sealTicket(aTicket(), 'secret')
    await expect(openTicket(sealed, 'secret', 1_000)).rejects.toMatchObject({ code: 'token_invalid' })
  })

  it('is refused when any character of it is changed', async () => {
    const sealed = await sealTicket(aTicket(), 'secret')
    // The last character of each part carries unused bits, so the test changes the character before it.
    const places = [0, sealed.indexOf('.') - 2, sealed.indexOf('.'), sealed.indexOf('.') + 1, sealed.length - 2]
    for (const place of places) {
      const forged = `${sealed.slice(0, place)}${sealed[place] === 'A' ? 'B' : 'A'}${sealed.slice(place + 1)}`
      await expect(openTicket(forged, 'secret', 0)).rejects.toMatchObject({ code: 'token_invalid' })
    }
  })

  it('is refused under another secret, for another user, or as nonsense', async () => {
    const ticket = aTicket()
    const sealed = await sealTicket(ticket, 'other')
    const [payload] = (await sealTicket({ ...ticket, userId: newId('usr') }, 'secret')).split('.')
    const [, seal] = (await sealTicket(ticket, 'secret')).split('.')
    for (const text of [sealed, `${payload}.${seal}`, `${sealed}.x`, payload ?? '', '.', 'a', 'é.é', '====.====', 'null']) {
      await expect(openTicket(text, 'secret', 0)).rejects.toMatchObject({ code: 'token_invalid' })
    }
  })
})

describe('POST /v1/realtime/tickets', () => {
  it('gives a ticket that opens one session within 30 seconds', async () => {
    const world = aWorld()
    const { ticket, expiresAt } = await issueTicket(world.deps, world.person('guest'))
    expect(expiresAt).toBe(world.now() + ticketFor)
    world.now.advance(ticketFor - 1)
    expect((await goLive(world.deps, ticket, null)).status).toBe(101)
    await expect(goLive(world.deps, ticket, null)).rejects.toMatchObject({ code: 'token_invalid' })
  })

  it('says when the ticket expires', async () => {
    const world = aWorld()
    const earliest = Date.now() + ticketFor
    const { status, json } = await world.send(world.person(), 'POST', '/v1/realtime/tickets')
    expect(status).toBe(201)
    expect(Date.parse(json.expiresAt)).toBeGreaterThanOrEqual(earliest)
    expect(Date.parse(json.expiresAt)).toBeLessThanOrEqual(Date.now() + ticketFor)
  })

  it('opens one session when it is used twice at once', async () => {
    const world = aWorld()
    const ticket = await world.ticket(world.person())
    const answers = await Promise.all([1, 2, 3].map(() => world.upgrade(ticket)))
    expect(answers.map(({ status }) => status).sort()).toEqual([101, 401, 401])
  })

  it('gives a new ticket each time', async () => {
    const world = aWorld()
    const person = world.person()
    const [first, second] = [await world.ticket(person), await world.ticket(person)]
    expect((await world.upgrade(first)).status).toBe(101)
    expect((await world.upgrade(second)).status).toBe(101)
  })
})

describe('GET /v1/realtime', () => {
  it('refuses a ticket that has expired, is forged or was used', async () => {
    const world = aWorld()
    const { userId, sessionId } = world.person()
    const expired = await sealTicket({ userId, sessionId, nonce: 'n', expiresAt: Date.now() }, world.deps.ticketSecret)
    const forged = await sealTicket({ userId, sessionId, nonce: 'n', expiresAt: Date.now() + ticketFor }, 'another secret')
    const used = await world.ticket(world.person())
    expect((await world.upgrade(used)).status).toBe(101)
    for (const text of [expired, forged, used, 'nonsense']) {
      const response = await world.upgrade(text)
      expect([response.status, response.headers.get('content-type')]).toEqual([401, 'application/problem+json'])
      expect(await response.json()).toMatchObject({ code: 'token_invalid' })
    }
  })

  it('accepts WebSocket requests only, and does not spend the ticket of others', async () => {
    const world = aWorld()
    const ticket = await world.ticket(world.person())
    const { status, json } = await call(world.fetch, 'GET', `/v1/realtime?ticket=${ticket}`)
    expect([status, json.code]).toEqual([426, 'upgrade_required'])
    expect((await world.upgrade(ticket)).status).toBe(101)
  })

  it.each(['last=-1', 'last=x', 'last=', 'last=1e3', 'last=9999999999999999', 'other=1'])('refuses %s', async (query) => {
    const world = aWorld()
    const ticket = await world.ticket(world.person())
    const { status, json } = await call(world.fetch, 'GET', `/v1/realtime?ticket=${ticket}&${query}`, {
      headers: { upgrade: 'websocket' },
    })
    expect([status, json.code]).toEqual([422, 'validation_failed'])
  })
})
