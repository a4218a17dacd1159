import { WorkerEntrypoint } from 'cloudflare:workers'
import type { UserId } from '../../shared/contracts/ids'
import type { DashboardFrame, NotificationApi } from '../../shared/contracts/notification'
import { depsFrom } from './deps'

export class NotificationRpc extends WorkerEntrypoint<NotificationEnv> implements NotificationApi {
  async showDashboard(sellerId: UserId, frame: DashboardFrame): Promise<void> {
    await depsFrom(this.env)
      .live.of(sellerId)
      .push([{ type: 'dashboard.updated', ...frame }])
  }
}
