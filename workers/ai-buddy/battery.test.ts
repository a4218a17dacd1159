import { newId } from '../../shared/contracts/ids'
import { routeBattery } from '../../shared/testing/battery'
import { anActor } from '../../shared/testing/factories'
import type { Endpoint } from '../../shared/testing/http'
import { signsOf } from './conversation/interests'
import { app } from './routes'
import { aWorld } from './testing/fixtures'
import { suggestionCases } from './testing/suggestion-cases'
import { aSuggestingWorker } from './testing/suggestion-fixtures'

const world = aWorld()
const suggesting = aSuggestingWorker()
/** The same app, each part of it among the fakes that its cases know. */
const endpoint: Endpoint = (request) =>
  request.url.includes('/seller/suggestions') ? suggesting.endpoint(request) : world.endpoint(request)
const remembered = ['buyer', 'seller', 'admin'] as const
const conversations = '/v1/assistant/conversations'
const interests = '/v1/assistant/interests'

const aConversation = async () => {
  const actor = anActor('buyer')
  const { conversationId } = (await world.say(actor, 'Hello')).json
  return { path: `${conversations}/${conversationId}`, actor }
}
const somebodyElses = async () => ({ ...(await aConversation()), actor: anActor('buyer') })
const anInterest = async () => {
  const actor = anActor('buyer')
  await world.deps.interests.record(actor.userId, signsOf(newId('msg'), actor.userId, ['furniture'], Date.now() - 1_000))
  return { path: `${interests}/furniture`, actor }
}

routeBattery(app, endpoint, [
  ...suggestionCases(suggesting),
  {
    ...{ route: 'POST /v1/assistant/messages', access: 'signed-in', path: '/v1/assistant/messages' },
    body: {
      ...{ message: 'Hello', conversationId: newId('cnv'), confirm: true },
      filters: { category: 'furniture', seller: newId('usr'), minPrice: 1, maxPrice: 2, currency: 'USD', inStock: true },
    },
    works: async () => ({ actor: anActor('guest'), body: { message: 'Hello' }, other: { message: 'Thanks' } }),
  },
  { route: `GET ${conversations}`, access: 'signed-in', path: conversations },
  {
    ...{ route: `DELETE ${conversations}`, access: 'signed-in', path: conversations },
    works: async () => ({ actor: (await aConversation()).actor }),
  },
  {
    ...{ route: `GET ${conversations}/{id}`, access: 'signed-in', path: `${conversations}/${newId('cnv')}` },
    foreign: somebodyElses,
  },
  {
    ...{ route: `DELETE ${conversations}/{id}`, access: 'signed-in', path: `${conversations}/${newId('cnv')}` },
    ...{ foreign: somebodyElses, works: aConversation },
  },
  { route: `GET ${interests}`, access: remembered, path: interests },
  {
    route: `DELETE ${interests}`,
    access: remembered,
    path: interests,
    works: async () => ({ actor: (await anInterest()).actor }),
  },
  {
    ...{ route: `DELETE ${interests}/{category}`, access: remembered, path: `${interests}/furniture` },
    ...{ foreign: async () => ({ ...(await anInterest()), actor: anActor('buyer') }), works: anInterest },
  },
])
