import { describe, expect, it } from 'vitest'
import type { Actor } from '../../../shared/contracts/actor'
import { sweep } from '../sweep'
import { aProduct, aWorld, type World } from '../testing/fixtures'
import { closedWindow, closeWindows, maxDigestItems } from './digest'
import { batchFor } from './email'

const minute = 60_000

type Person = Actor & { email: string }

/** A product that somebody watches, and the news of its next price. */
async function watchedBy(world: World, person: Person) {
  const product = aProduct()
  await world.deliver(product.updated(1, 100_000))
  await world.deps.watches.add(person.userId, product.productId, 0)
  let version = 1
  return { title: product.title, cheaper: () => product.updated(++version, 100_000 - version) }
}

const subjectsOf = async (world: World, { email }: Person) => (await world.mailbox(email)).map(({ subject }) => subject)
const digestOf = (count: number) => `${count} things are new about products you watch`

/** Two alerts whose window is over. */
async function twoAlerts() {
  const world = aWorld()
  const person = world.person()
  const [first, second] = [await watchedBy(world, person), await watchedBy(world, person)]
  const events = [first.cheaper(), second.cheaper()]
  await world.deliver(...events)
  world.now.advance(batchFor)
  return { world, person, events, titles: [first.title, second.title] }
}

/** An alert that is older than all others of somebody, and arrives when it is told to. */
async function aLateAlert(world: World, { userId }: Person) {
  const { emails } = world.stored
  const [alert] = await emails.find({ userId, status: 'gathering' }, { sort: { createdAt: 1 } })
  if (alert?.content.kind !== 'notice') throw new Error('nothing gathers')
  const title = 'Late lamp'
  const content = { ...alert.content, title: `${title} costs less now` }
  const late = { ...alert, _id: `${alert._id}:late`, createdAt: alert.createdAt - 1, content }
  return { title, arrive: () => emails.insertOne(late) }
}

/** Each title once, in one mail. */
async function expectOneDigest(world: World, person: Person, titles: string[]) {
  const mails = await world.mailbox(person.email)
  expect(mails.map(({ subject }) => subject)).toEqual([digestOf(titles.length)])
  for (const title of titles) {
    expect(mails[0]?.text.split(`${title} costs less now`)).toHaveLength(2)
    expect(mails[0]?.html.split(`${title} costs less now`)).toHaveLength(2)
  }
}

describe('news about products', () => {
  it('that comes within five minutes of the first is one mail, and is in the inbox at once', async () => {
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

  it('that came alone is an ordinary mail', async () => {
    const world = aWorld()
    const person = world.person()
    const product = await watchedBy(world, person)
    await world.deliver(product.cheaper())
    world.now.advance(batchFor)
    await sweep(world.deps)
    expect(await subjectsOf(world, person)).toEqual([`${product.title} costs less now`])
  })

  it('is listed once, however often its event comes, before, between and after', async () => {
    const { world, person, events, titles } = await twoAlerts()
    await Promise.all(events.map((event) => world.deliver(event)))
    await sweep(world.deps)
    await world.deliver(...events)
    world.now.advance(batchFor)
    await sweep(world.deps)
    await expectOneDigest(world, person, titles)
  })

  it('is told by each person’s own mail', async () => {
    const { world, person, titles } = await twoAlerts()
    const other = world.person()
    await world.deliver((await watchedBy(world, other)).cheaper(), (await watchedBy(world, other)).cheaper())
    world.now.advance(batchFor)
    await sweep(world.deps)
    await expectOneDigest(world, person, titles)
    expect(await subjectsOf(world, other)).toEqual([digestOf(2)])
  })

  it('that comes to two isolates at once gets in twice', async () => {
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

  it.each([1, 2, 3, 4])('that comes while a digest is made, after round trip %i, is told by the next', async (trip) => {
    const { world, person, titles } = await twoAlerts()
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

  it.each([1, 2, 3, 4, 5, 6, 7, 8])('is told once when a sweep breaks off after round trip %i', async (trip) => {
    const { world, person, titles } = await twoAlerts()
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
    'is told once when the store goes away before write %i of the last round trip, and an older one comes late',
    async (cut) => {
      const { world, person, titles } = await twoAlerts()
      const late = await aLateAlert(world, person)
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

  it('is told once by several sweeps at once', async () => {
    const { world, person, titles } = await twoAlerts()
    await Promise.all([1, 2, 3, 4].map(() => sweep(world.deps)))
    await expectOneDigest(world, person, titles)
  })

  it('is told once when a slow sweep goes on with what it read before an older one came late and another sweep told all', async () => {
    const { world, person, titles } = await twoAlerts()
    const late = await aLateAlert(world, person)
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

  it(`goes on in another mail when there are more than ${maxDigestItems}`, () => {
    const many = Array.from({ length: maxDigestItems + 5 }, (_, index) => ({ createdAt: index }))
    expect(closedWindow(many, batchFor)).toHaveLength(maxDigestItems)
    expect(closedWindow(many.slice(maxDigestItems), batchFor + maxDigestItems)).toHaveLength(5)
    expect([closedWindow([], 0), closedWindow(many, batchFor - 1)]).toEqual([[], []])
  })
})
