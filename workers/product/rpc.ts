import { WorkerEntrypoint } from 'cloudflare:workers'
import type { VariantId } from '../../shared/contracts/ids'
import type { ProductApi } from '../../shared/contracts/product'
import { depsFrom } from './deps'
import { quote } from './queries'

export class ProductRpc extends WorkerEntrypoint<ProductEnv> implements ProductApi {
  quote(variantIds: VariantId[]) {
    return quote(depsFrom(this.env), variantIds)
  }
}
