import type { UserId } from './ids'

/** `time` is ISO 8601; `data` and `whole` have the same shape. */
export type DashboardFrame = { key: string; time: string; data: object; whole: object }

/** What other Workers may ask notification. */
export interface NotificationApi {
  /**
   * Shows a seller's devices their dashboard, by a frame `dashboard.updated`. Open devices get `data`, the changed figures; devices that
   * reconnect get the `whole` of the newest frame. A frame whose `key` was shown before is not shown again.
   */
  showDashboard(sellerId: UserId, frame: DashboardFrame): Promise<void>
}
