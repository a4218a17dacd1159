import { describe, expect, test } from 'vitest'
import { findNameFault, namesOf, pluralOf } from './names.ts'

test.each([
  ['review', 'reviews'],
  ['reply', 'replies'],
  ['essay', 'essays'],
  ['address', 'addresses'],
  ['box', 'boxes'],
  ['batch', 'batches'],
])('the plural of %s is %s', (word, plural) => {
  expect(pluralOf(word)).toBe(plural)
})

test('a name of several words is spelled as each place wants it', () => {
  expect(namesOf('offer-reply')).toEqual({
    worker: 'offer-reply',
    noun: 'offerReply',
    nouns: 'offerReplies',
    type: 'OfferReply',
    aNoun: 'anOfferReply',
    text: 'offer reply',
    texts: 'offer replies',
    aText: 'an offer reply',
    path: '/v1/offer-replies',
    collection: 'offer_replies',
    database: 'credenza_offer_reply',
    event: 'offer_reply.closed',
    binding: 'OFFER_REPLY',
  })
})

describe('a name', () => {
  const faultOf = (worker: string) =>
    findNameFault(worker, {
      workers: ['cart', 'audit'],
      reserved: ['shared', 'events'],
      backendOf: (path) => (path === '/v1/dead-mails' ? 'audit' : undefined),
      sourcesOf: ({ noun }) => [`const ${noun} = page(anActor)`, "import { page } from './cursor' // a comment"],
    })

  test.each(['review', 'gift-card', 'a2-b', 'comment', 'dead-mail2'])('may be %s', (worker) => {
    expect(faultOf(worker)).toBeUndefined()
  })

  test.each([
    ['Review', /is no name of a Worker: take lower-case words with hyphens/],
    ['gift_card', /is no name of a Worker/],
    ['-review', /is no name of a Worker/],
    ['2review', /is no name of a Worker/],
    ['../review', /is no name of a Worker/],
    ['', /is no name of a Worker/],
    ['r'.repeat(41), /is too long: a name has 40 characters at most/],
    ['review-dlq', /a queue whose name ends in -dlq holds dead letters/],
    ['cart', /cart is taken/],
    ['shared', /shared is reserved/],
    ['class', /class is reserved/],
    ['handout', /say transfer$/],
    ['dead-mail', /would answer \/v1\/dead-mails, which is audit's/],
    ['page', /every Worker uses page for something else/],
    ['actor', /every Worker uses anActor for something else/],
  ])('cannot be "%s"', (worker, fault) => {
    expect(faultOf(worker)).toMatch(fault)
  })
})
