import { evictDurableObject, runDurableObjectAlarm, runInDurableObject } from 'cloudflare:test'
import { describe, expect, it } from 'vitest'
import { newId, type UserId } from '../../../shared/contracts/ids'
import { anEvent } from '../../../shared/testing/factories'
import { aCartEvent, anOrder, aWorld, deviceOf } from '../testing/fixtures'
import { keepFor, keepFrames } from './frame-log'
import type { NewFrame } from './live'
import { type LiveSessionDO, maxSockets } from './live-session.do'

const time = '2026-01-01T00:00:00.000Z'
const frame = (key: string, more: Partial<NewFrame> = {}): NewFrame => ({
  key,
  type: 'cart.updated',
  time,
  data: { key },
  ...more,
})
const frames = (count: number, prefix = 'f') => Array.from({ length: count }, (_, index) => frame(`${prefix}${index + 1}`))
const keysOf = (device: { frames: { data: { key?: unknown } }[] }) => device.frames.map(({ data }) => data.key)

/** Ages everything that a user's object stores. */
const age = (stub: DurableObjectStub<LiveSessionDO>, milliseconds: number) =>
  runInDurableObject(stub, (_instance, { storage }) => {
    for (const table of ['frames', 'pushed', 'spent', 'revoked', 'versions'])
      storage.sql.exec(`UPDATE ${table} SET at = at - ?`, milliseconds)
  })

describe('a live session', () => {
  it('numbers frames and sends them to every device of the user, and to no other user', async () => {
    const world = aWorld()
    const [mine, theirs] = [world.person('guest'), world.person()]
    const phone = await world.device(mine)
    const laptop = await world.device({ ...mine, sessionId: newId('ses') })
    const stranger = await world.device(theirs)
    const cartId = newId('crt')
    await world.deliver(
      aCartEvent(theirs.userId, newId('crt'), 7),
      aCartEvent(mine.userId, cartId, 1),
      aCartEvent(mine.userId, cartId, 2),
    )
    for (const device of [phone, laptop]) {
      await device.frame('cart.updated', ({ version }) => version === 2)
      expect(device.frames).toEqual(
        [1, 2].map((version) => ({
          ...{ seq: version, type: 'cart.updated', time },
          data: { id: cartId, version, itemCount: version, subtotal: { amount: version, currency: 'USD' }, items: [] },
        })),
      )
    }
    await stranger.frame('cart.updated')
    expect(stranger.frames.map(({ data }) => data.version)).toEqual([7])
  })

  it('pushes a redelivered event once, and no version older than the newest pushed one', async () => {
    const world = aWorld()
    const person = world.person()
    const device = await world.device(person)
    const cartId = newId('crt')
    const [first, third] = [1, 3].map((version) => aCartEvent(person.userId, cartId, version))
    if (!first || !third) throw new Error('no events')
    await world.deliver(
      third,
      first,
      third,
      first,
      aCartEvent(person.userId, cartId, 4),
      aCartEvent(person.userId, newId('crt'), 2),
    )
    await device.frame('cart.updated', ({ version }) => version === 2)
    expect(device.frames.map(({ seq, data }) => [seq, data.version])).toEqual([
      [1, 3],
      [2, 4],
      [3, 2],
    ])
  })

  it('never shows an older state of an order after a newer one', async () => {
    const world = aWorld()
    const order = anOrder(world)
    const device = await world.device(order.buyer)
    await world.deliver(order.shipped, order.paid, order.delivered)
    await device.frame('order.updated', ({ status }) => status === 'delivered')
    expect(device.frames.filter(({ type }) => type === 'order.updated').map(({ data }) => data.status)).toEqual([
      'shipped',
      'delivered',
    ])
  })

  it('sends a device that was away the frames it missed, before newer ones', async () => {
    const world = aWorld()
    const person = world.person()
    const device = await world.device(person)
    await world.stub(person).push(frames(2))
    await device.frame('cart.updated', ({ key }) => key === 'f2')
    device.close()
    await world.stub(person).push(frames(4))
    const back = await world.device(person, device.lastSeq())
    await world.stub(person).push([frame('f5')])
    await back.frame('cart.updated', ({ key }) => key === 'f5')
    expect(back.frames.map(({ seq, data }) => [seq, data.key])).toEqual([
      [3, 'f3'],
      [4, 'f4'],
      [5, 'f5'],
    ])
  })

  it('replays nothing to a device that missed nothing, or that does not ask', async () => {
    const world = aWorld()
    const person = await world.returner()
    await world.stub(person).push(frames(3))
    for (const last of [3, undefined]) {
      const device = await world.device(person, last)
      await world.stub(person).push([frame(`next ${last}`)])
      await device.frame('cart.updated')
      expect(keysOf(device)).toEqual([`next ${last}`])
    }
  })

  it(`keeps ${keepFrames} frames, and sends a resync when a device missed more`, async () => {
    const world = aWorld()
    const person = await world.returner()
    await world.stub(person).push(frames(keepFrames + 10))
    const kept = await world.device(person, 10)
    await kept.frame('cart.updated', ({ key }) => key === `f${keepFrames + 10}`)
    expect(kept.frames.map(({ seq }) => seq)).toEqual(Array.from({ length: keepFrames }, (_, index) => index + 11))
    const lost = await world.device(person, 9)
    await world.stub(person).push([frame('next')])
    await lost.frame('cart.updated')
    expect(lost.frames.map(({ type, seq }) => [type, seq])).toEqual([
      ['resync', keepFrames + 10],
      ['cart.updated', keepFrames + 11],
    ])
  })

  it('sends a resync to a device that names a number which was never assigned', async () => {
    const world = aWorld()
    const device = await world.device(world.person(), 5)
    expect(await device.frame('resync')).toMatchObject({ seq: 0, type: 'resync' })
  })

  it('continues to number and send frames after it was evicted with hibernating sockets', async () => {
    const world = aWorld()
    const person = world.person()
    const device = await world.device(person)
    const stub = world.stub(person)
    await stub.push([frame('f1')])
    await evictDurableObject(stub)
    await stub.push([frame('f1'), frame('f2')])
    await device.frame('cart.updated', ({ key }) => key === 'f2')
    await evictDurableObject(stub)
    const late = await world.device(person, 0)
    await stub.push([frame('f3')])
    for (const each of [device, late]) {
      await each.frame('cart.updated', ({ key }) => key === 'f3')
      expect(each.frames.map(({ seq, data }) => [seq, data.key])).toEqual([
        [1, 'f1'],
        [2, 'f2'],
        [3, 'f3'],
      ])
    }
  })

  it('answers ping with pong', async () => {
    const world = aWorld()
    const { socket } = await world.device(world.person())
    const answer = new Promise((resolve) => socket.addEventListener('message', ({ data }) => resolve(data), { once: true }))
    socket.send('ping')
    expect(await answer).toBe('pong')
  })

  it('ignores messages of a device, and closes the socket on one that is too long', async () => {
    const world = aWorld()
    const person = world.person()
    const [quiet, loud] = [await world.device(person), await world.device(person)]
    quiet.socket.send('{"type":"cart.updated"}')
    loud.socket.send('x'.repeat(1_025))
    expect(await loud.closed).toEqual({ code: 1008, reason: 'message too long' })
    await world.stub(person).push([frame('f1')])
    await quiet.frame('cart.updated')
    expect(keysOf(quiet)).toEqual(['f1'])
  })

  it('closes the socket of a device that sends too many messages, and no other', async () => {
    const world = aWorld()
    const person = world.person()
    const [polite, hasty] = [await world.device(person), await world.device(person)]
    for (let said = 0; said < 20; said++) for (const each of [polite, hasty]) each.socket.send(`${said}`)
    for (let pings = 0; pings < 50; pings++) polite.socket.send('ping')
    hasty.socket.send('once more')
    expect(await hasty.closed).toEqual({ code: 1008, reason: 'too many messages' })
    await world.stub(person).push([frame('f1')])
    expect((await polite.frame('cart.updated')).seq).toBe(1)
    expect(polite.socket.readyState).toBe(WebSocket.OPEN)
  })

  it(`opens ${maxSockets} sockets for one user, refuses the next without spending its ticket, and answers a close frame`, async () => {
    const world = aWorld()
    const person = world.person()
    const devices = await Promise.all(Array.from({ length: maxSockets }, () => world.device(person)))
    const ticket = await world.ticket(person)
    const refused = await world.upgrade(ticket)
    expect([refused.status, refused.headers.get('retry-after')]).toEqual([429, '30'])
    devices[0]?.socket.close(3001, 'the page is left')
    expect(await devices[0]?.closed).toEqual({ code: 3001, reason: 'the page is left' })
    expect((await world.upgrade(ticket)).status).toBe(101)
  })
})

describe('user.session_revoked', () => {
  const revoked = (userId: UserId, sessionId: `ses_${string}`) =>
    anEvent('user.session_revoked', userId, { version: 1, userId, sessionId, reason: 'logout' })

  it('notifies and closes the sockets of that session, hibernating or not, and leaves the others open', async () => {
    const world = aWorld()
    const person = world.person()
    const other = { ...person, sessionId: newId('ses') }
    const [first, second, stays] = [await world.device(person), await world.device(person), await world.device(other)]
    await world.stub(person).push([frame('f1')])
    await evictDurableObject(world.stub(person))
    const event = revoked(person.userId, person.sessionId)
    await world.deliver(event, event)
    for (const device of [first, second]) {
      expect(await device.closed).toEqual({ code: 4401, reason: 'session revoked' })
      expect(device.frames.at(-1)).toEqual({
        ...{ seq: 1, type: 'session.revoked', time },
        data: { sessionId: person.sessionId, reason: 'logout' },
      })
    }
    await world.stub(person).push([frame('f2')])
    await stays.frame('cart.updated', ({ key }) => key === 'f2')
    expect(stays.frames.map(({ seq, type }) => [seq, type])).toEqual([
      [1, 'cart.updated'],
      [2, 'cart.updated'],
    ])
  })

  it('invalidates the tickets of that session, even those issued before', async () => {
    const world = aWorld()
    const person = world.person()
    const before = await world.ticket(person)
    await world.deliver(revoked(person.userId, person.sessionId))
    for (const ticket of [before, await world.ticket(person)]) expect((await world.upgrade(ticket)).status).toBe(401)
    await world.device({ ...person, sessionId: newId('ses') })
  })
})

describe('the storage of a live session', () => {
  it('is empty after a day, and no alarm is set while nothing is left', async () => {
    const world = aWorld()
    const person = await world.returner()
    const stub = world.stub(person)
    await stub.push(frames(3))
    await age(stub, keepFor)
    const early = await world.device(person, 1)
    expect(await early.frame('resync')).toMatchObject({ seq: 3 })
    await age(stub, keepFor)
    expect(await runDurableObjectAlarm(stub)).toBe(true)
    const left = await runInDurableObject(stub, async (_instance, { storage }) => ({
      rows: storage.sql
        .exec('SELECT key AS id FROM pushed UNION ALL SELECT seq FROM frames UNION ALL SELECT nonce FROM spent')
        .toArray(),
      alarm: await storage.getAlarm(),
    }))
    expect(left).toEqual({ rows: [], alarm: null })
    const device = await world.device(person, 3)
    await stub.push([frame('f4')])
    expect((await device.frame('cart.updated')).seq).toBe(4)
  })

  it('keeps younger frames when the alarm runs', async () => {
    const world = aWorld()
    const person = await world.returner()
    const stub = world.stub(person)
    await stub.push(frames(2))
    await age(stub, keepFor)
    await stub.push([frame('f3')])
    await runDurableObjectAlarm(stub)
    const alarm = await runInDurableObject(stub, (_instance, { storage }) => storage.getAlarm())
    expect(alarm).toBeGreaterThan(Date.now())
    const device = await world.device(person, 2)
    expect((await device.frame('cart.updated')).data.key).toBe('f3')
    expect(await (await world.device(person, 0)).frame('resync')).toBeDefined()
  })
})

describe('an upgrade', () => {
  it('works through the real entry point', async () => {
    const world = aWorld()
    const person = world.person()
    const { exports } = await import('cloudflare:workers')
    const response = await exports.default.fetch(
      new Request(`http://credenza.test/v1/realtime?ticket=${await world.ticket(person)}`, { headers: { upgrade: 'websocket' } }),
    )
    expect(response.status).toBe(101)
    const device = deviceOf(response)
    await world.stub(person).push([frame('f1')])
    expect((await device.frame('cart.updated')).seq).toBe(1)
  })
})
