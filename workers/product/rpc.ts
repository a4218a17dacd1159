import { WorkerEntrypoint } from 'cloudflare:workers'
import type { ProductId, UserId, VariantId } from '../../shared/contracts/ids'
import type { ProductApi, QuoteOptions, Revision } from '../../shared/contracts/product'
import { reviseProduct } from './commands'
import { depsFrom } from './deps'
import { describe, quote } from './queries'

export class ProductRpc extends WorkerEntrypoint<ProductEnv> implements ProductApi {
  quote(variantIds: VariantId[], options?: QuoteOptions) {
    return quote(depsFrom(this.env), variantIds, options)
  }

  describe(productIds: ProductId[]) {
    return describe(depsFrom(this.env), productIds)
  }

  revise(sellerId: UserId, productId: ProductId, revision: Revision) {
    return reviseProduct(depsFrom(this.env), sellerId, productId, revision)
  }
}
