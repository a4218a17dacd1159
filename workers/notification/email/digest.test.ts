import { describe, expect, it } from 'vitest'
import type { Actor } from '../../../shared/contracts/actor'
import { sweep } from '../sweep'
import { aProduct, aWorld, type World } from '../testing/fixtures'
import { closedWindow, closeWindows, maxDigestItems } from './digest'
import { batchFor } from './email'

const minute = 60_000

type Person = Actor & { email: string }

/** A product that a user watches, and an event that lowers its price. */
async function watchedBy(world: World, person: Person) {
  const product = aProduct()
  await world.deliver(product.updated(1, 100_000))
  await world.deps.watches.add(person.userId, product.productId, 0)
  let version = 1
  return { title: product.title, cheaper: () => product.updated(++version, 100_000 - version) }
}

const subjectsOf = async (world: World, { email }: Person) => (await world.mailbox(email)).map(({ subject }) => subject)
const digestOf = (count: number) => `${count} things are new about products you watch`

/** Two notifications whose digest window is over. */
async function twoNotifications() {
  const world = aWorld()
  const person = world.person()
  const [first, second] = [await watchedBy(world, person), await watchedBy(world, person)]
  const events = [first.cheaper(), second.cheaper()]
  await world.deliver(...events)
  world.now.advance(batchFor)
  return { world, person, events, titles: [first.title, second.title] }
}

/** An e-mail that is older than all others of a user, and is added by `arrive`. */
async function aLateEmail(world: World, { userId }: Person) {
  const { emails } = world.stored
  const [oldest] = await emails.find({ userId, status: 'gathering' }, { sort: { createdAt: 1 } })
  if (oldest?.content.kind !== 'notice') throw new Error('no batched e-mail')
  const title = 'Late lamp'
  const content = { ...oldest.content, title: `${title} costs less now` }
  const late = { ...oldest, _id: `${oldest._id}:late`, createdAt: oldest.createdAt - 1, content }
  return { title, arrive: () => emails.insertOne(late) }
}

/** Expects each title once, in one e-mail. */
async function expectOneDigest(world: World, person: Person, titles: string[]) {
  const mails = await world.mailbox(person.email)
  expect(mails.map(({ subject }) => subject)).toEqual([digestOf(titles.length)])
  for (const title of titles) {
    expect(mails[0]?.text.split(`${title} costs less now`)).toHaveLength(2)
    expect(mails[0]?.html.split(`${title} costs less now`)).toHaveLength(2)
  }
}

describe('news about products', () => {
  it('within five minutes of the first is sent as one e-mail, and is in the inbox at once', async () => {
    const world = aWorld()
    const person = world.person()
    const [first, second, third] = [
      await watchedBy(world, person),
      await watchedBy(world, person),
      await watchedBy(world, person),
    ]
    await world.deliver(first.cheaper())
    world.now.advance(batchFor - 1)
    await world.deliver(second.cheaper())
    await sweep(world.deps)
    expect([(await world.inbox(person)).length, await subjectsOf(world, person)]).toEqual([2, []])
    world.now.advance(1)
    await world.deliver(third.cheaper())
    await sweep(world.deps)
    await sweep(world.deps)
    await expectOneDigest(world, person, [first.title, second.title])
    world.now.advance(batchFor)
    await sweep(world.deps)
    expect((await subjectsOf(world, person)).sort()).toEqual([digestOf(2), `${third.title} costs less now`].sort())
  })

  it('is shown on open devices at once', async () => {
    const world = aWorld()
    const person = world.person()
    const device = await world.device(person)
    await world.deliver((await watchedBy(world, person)).cheaper())
    expect((await device.frame('notification.created')).data).toMatchObject({ type: 'product.price_dropped' })
  })

  it('that is alone in its window is an ordinary e-mail', async () => {
    const world = aWorld()
    const person = world.person()
    const product = await watchedBy(world, person)
    await world.deliver(product.cheaper())
    world.now.advance(batchFor)
    await sweep(world.deps)
    expect(await subjectsOf(world, person)).toEqual([`${product.title} costs less now`])
  })

  it('is listed once, however often its event is redelivered', async () => {
    const { world, person, events, titles } = await twoNotifications()
    await Promise.all(events.map((event) => world.deliver(event)))
    await sweep(world.deps)
    await world.deliver(...events)
    world.now.advance(batchFor)
    await sweep(world.deps)
    await expectOneDigest(world, person, titles)
  })

  it('goes to each user in their own digest', async () => {
    const { world, person, titles } = await twoNotifications()
    const other = world.person()
    await world.deliver((await watchedBy(world, other)).cheaper(), (await watchedBy(world, other)).cheaper())
    world.now.advance(batchFor)
    await sweep(world.deps)
    await expectOneDigest(world, person, titles)
    expect(await subjectsOf(world, other)).toEqual([digestOf(2)])
  })

  it('that several isolates handle at once is complete, each item once', async () => {
    const world = aWorld()
    const person = world.person()
    const products = await Promise.all(Array.from({ length: 6 }, () => watchedBy(world, person)))
    await Promise.all(products.map((product) => world.deliver(product.cheaper())))
    world.now.advance(batchFor)
    await sweep(world.deps)
    await expectOneDigest(
      world,
      person,
      products.map(({ title }) => title),
    )
  })

  it.each([1, 2, 3, 4])('that arrives while a digest is made, after round trip %i, is in the next digest', async (trip) => {
    const { world, person, titles } = await twoNotifications()
    const late = await watchedBy(world, person)
    const event = late.cheaper()
    let delivered: Promise<void> | undefined
    const last = world.store.trips + trip
    world.store.afterTrip = () => {
      if (world.store.trips === last && !delivered) delivered = world.deliver(event)
    }
    await closeWindows(world.deps)
    await delivered
    await sweep(world.deps)
    await expectOneDigest(world, person, titles)
    world.now.advance(batchFor)
    await sweep(world.deps)
    expect((await subjectsOf(world, person)).sort()).toEqual([digestOf(2), `${late.title} costs less now`].sort())
  })

  it.each([1, 2, 3, 4, 5, 6, 7, 8])('is sent once when a sweep breaks off after round trip %i', async (trip) => {
    const { world, person, titles } = await twoNotifications()
    const last = world.store.trips + trip
    world.store.afterTrip = () => {
      if (world.store.trips === last) throw new Error('crash')
    }
    await sweep(world.deps).catch(() => {})
    world.now.advance(minute)
    await sweep(world.deps)
    world.now.advance(minute)
    await sweep(world.deps)
    await expectOneDigest(world, person, titles)
  })

  it.each([1, 2, 3])(
    'is sent once when the store fails before write %i of the last round trip, and an older e-mail arrives late',
    async (cut) => {
      const { world, person, titles } = await twoNotifications()
      const late = await aLateEmail(world, person)
      const third = world.store.trips + 3
      world.store.afterTrip = () => {
        if (world.store.trips === third) world.store.cutNextAfter = cut - 1
      }
      await expect(closeWindows(world.deps)).rejects.toMatchObject({ code: 'unavailable' })
      await late.arrive()
      for (let times = 0; times < 3; times++) await sweep(world.deps)
      expect((await subjectsOf(world, person)).sort()).toEqual([digestOf(2), `${late.title} costs less now`].sort())
      const [digest] = (await world.mailbox(person.email)).filter(({ subject }) => subject === digestOf(2))
      for (const title of titles) expect(digest?.text.split(`${title} costs less now`)).toHaveLength(2)
    },
  )

  it('is sent once by several sweeps at once', async () => {
    const { world, person, titles } = await twoNotifications()
    await Promise.all([1, 2, 3, 4].map(() => sweep(world.deps)))
    await expectOneDigest(world, person, titles)
  })

  it('is sent once when a slow sweep continues with outdated reads after another sweep has sent everything', async () => {
    const { world, person, titles } = await twoNotifications()
    const late = await aLateEmail(world, person)
    const { batch } = world.deps.documents
    let isFirst = true
    const afterReading: typeof batch = async (planned) => {
      const results = await batch(planned)
      if (isFirst) {
        isFirst = false
        await late.arrive()
        await closeWindows(world.deps)
      }
      return results
    }
    await closeWindows({ ...world.deps, documents: { ...world.deps.documents, batch: afterReading } })
    await sweep(world.deps)
    await expectOneDigest(world, person, [late.title, ...titles])
  })

  it(`continues in another e-mail after ${maxDigestItems} items`, () => {
    const many = Array.from({ length: maxDigestItems + 5 }, (_, index) => ({ createdAt: index }))
    expect(closedWindow(many, batchFor)).toHaveLength(maxDigestItems)
    expect(closedWindow(many.slice(maxDigestItems), batchFor + maxDigestItems)).toHaveLength(5)
    expect([closedWindow([], 0), closedWindow(many, batchFor - 1)]).toEqual([[], []])
  })
})
