import type { NotificationApi } from '../../shared/contracts/notification'
import { perEnvironment } from '../../shared/runtime/per-environment'
import { client } from '../../shared/runtime/rpc'
import { type BaseDeps, baseDeps, type DepsOverrides } from '../../shared/worker/base-deps'
import type { DashboardApi, Owner } from './dashboard-api'

export type Deps = BaseDeps<'seller-dashboard'> & {
  /** The dashboard of a seller, or that of the whole marketplace. */
  dashboardOf: (owner: Owner) => DashboardApi
  notification: NotificationApi
}

const partsOf = perEnvironment((env: SellerDashboardEnv) => ({
  dashboardOf: (owner: Owner) => client<DashboardApi>(env.DASHBOARDS.getByName(owner)),
  notification: client<NotificationApi>(env.NOTIFICATION),
}))

export const depsFrom = (env: SellerDashboardEnv, traceparent?: string, overrides?: DepsOverrides): Deps => ({
  ...baseDeps('seller-dashboard', env, traceparent, overrides),
  ...partsOf(env),
})
