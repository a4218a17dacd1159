import type { UserId } from './ids'

/** `time` is ISO 8601; `data` and `whole` have the same shape. */
export type DashboardFrame = { key: string; time: string; data: object; whole: object }

/** What other Workers may ask notification. */
export interface NotificationApi {
  /**
   * Shows a seller's devices their dashboard, by a frame `dashboard.updated`. Those that are open get `data`, what changed; those that are
   * away get the `whole` of the newest frame, when they are back. One with a `key` that was shown before is not shown again.
   */
  showDashboard(sellerId: UserId, frame: DashboardFrame): Promise<void>
}
