import type { CartApi } from '../../shared/contracts/cart'
import type { InventoryApi } from '../../shared/contracts/inventory'
import type { OrderApi } from '../../shared/contracts/order'
import type { ProductApi } from '../../shared/contracts/product'
import { perEnvironment } from '../../shared/runtime/per-environment'
import { client } from '../../shared/runtime/rpc'
import { type BaseDeps, baseDeps, type DepsOverrides, documentsOf } from '../../shared/worker/base-deps'
import type { Planner } from './answers/model'
import { plannerFrom } from './answers/provider-from-env'
import { type BudgetRepo, budgetRepo } from './conversation/budget'
import { type ConversationRepo, conversationRepo } from './conversation/conversation-repo'
import { type InterestRepo, interestRepo } from './conversation/interests'
import { type Retrieval, retrieval } from './search/retrieval'
import type { SearchIndex } from './search/search-index.do'
import type { Vectors } from './search/vector-store'
import { vectorsFrom } from './search/vectors'
import { type ListingRepo, listingRepo } from './suggestions/listing-repo'
import { type SuggestionRepo, suggestionRepo } from './suggestions/repo'
import { type SalesRepo, salesRepo } from './suggestions/sales-repo'

export type Deps = BaseDeps<'ai-buddy'> & {
  product: ProductApi
  inventory: InventoryApi
  listings: ListingRepo
  sales: SalesRepo
  suggestions: SuggestionRepo
  index: SearchIndex
  /** null where no vector store is set up. */
  vectors: Vectors | null
  retrieval: Retrieval
  planner: Planner
  order: Pick<OrderApi, 'ofBuyer'>
  cart: Pick<CartApi, 'snapshot' | 'add'>
  conversations: ConversationRepo
  budgets: BudgetRepo
  interests: InterestRepo
}

const partsOf = perEnvironment((env: AiBuddyEnv) => {
  const documents = documentsOf('ai-buddy', env)
  return {
    vectors: vectorsFrom(env),
    product: client<ProductApi>(env.PRODUCT),
    inventory: client<InventoryApi>(env.INVENTORY),
    listings: listingRepo(documents),
    sales: salesRepo(documents),
    suggestions: suggestionRepo(documents),
    planner: plannerFrom(env),
    order: client<OrderApi>(env.ORDER),
    cart: client<CartApi>(env.CART),
    conversations: conversationRepo(documents),
    budgets: budgetRepo(documents),
    interests: interestRepo(documents),
  }
})

export function depsFrom(env: AiBuddyEnv, traceparent?: string, overrides?: DepsOverrides): Deps {
  const parts = partsOf(env)
  // Unlike a service, a Durable Object is reached by a stub that serves one request alone.
  const index = client<SearchIndex>(env.SEARCH.getByName('index'))
  return { ...baseDeps('ai-buddy', env, traceparent, overrides), ...parts, index, retrieval: retrieval(index, parts.vectors) }
}
