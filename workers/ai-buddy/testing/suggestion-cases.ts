import type { Actor } from '../../../shared/contracts/actor'
import { newId, type SuggestionId } from '../../../shared/contracts/ids'
import type { RouteCase } from '../../../shared/testing/battery'
import { anActor } from '../../../shared/testing/factories'
import { recomputeProduct, recordProductChange } from '../suggestions/recompute'
import type { Suggestion } from '../suggestions/suggestion'
import { aProduct, type aSuggestingWorker, updated } from './suggestion-fixtures'

type Worker = Pick<ReturnType<typeof aSuggestingWorker>, 'catalogue' | 'deps'>

/** Lists a product without pictures, and returns the suggestion about it. */
export async function suggestionFor({ catalogue, deps }: Worker, { userId: sellerId }: Actor): Promise<Suggestion> {
  const product = catalogue.put(aProduct({ sellerId, images: [] }))
  await recordProductChange(updated(product), deps)
  await recomputeProduct(deps, product.productId)
  const [suggestion] = await deps.suggestions.ofProducts([product.productId])
  if (!suggestion) throw new Error('It has no pictures')
  return suggestion
}

/** The cases of the route battery for suggestions. */
export function suggestionCases(worker: Worker): RouteCase[] {
  const root = '/v1/assistant/seller/suggestions'
  const images = ['https://images.example/new.jpg']
  const pathOf = (id: SuggestionId, verb: string) => `${root}/${id}/${verb}`
  const access = ['seller'] as const
  const foreign = (verb: string) => async () => {
    const { _id } = await suggestionFor(worker, anActor('seller'))
    return { path: pathOf(_id, verb), actor: anActor('seller') }
  }
  const works = (verb: string, body?: object, other?: object) => async () => {
    const actor = anActor('seller')
    const { _id } = await suggestionFor(worker, actor)
    return { path: pathOf(_id, verb), actor, ...(body ? { body } : {}), ...(other ? { other } : {}) }
  }
  const path = (verb: string) => pathOf(newId('sug'), verb)
  return [
    { route: `GET ${root}`, access, path: root },
    {
      ...{ route: `POST ${root}/{id}/apply`, access, path: path('apply'), foreign: foreign('apply') },
      body: { version: 1, quantity: 2, title: 'A title', description: 'A description', tags: ['tag'], images },
      works: works('apply', { images }, { images: ['https://images.example/other.jpg'] }),
    },
    {
      ...{ route: `POST ${root}/{id}/dismiss`, access, path: path('dismiss'), foreign: foreign('dismiss') },
      body: { reason: 'They are on their way' },
      works: works('dismiss', {}, { reason: 'Another' }),
    },
    {
      ...{ route: `POST ${root}/{id}/restore`, access, path: path('restore'), foreign: foreign('restore') },
      works: works('restore'),
    },
  ]
}
