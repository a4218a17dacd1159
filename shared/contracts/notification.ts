import type { UserId } from './ids'

/** `time` is ISO 8601; `data` and `whole` have the same shape. */
export type DashboardFrame = { key: string; time: string; data: object; whole: object }

/** What other Workers may ask notification. */
export interface NotificationApi {
  /**
   * Shows a seller's dashboard on their devices, by a frame `dashboard.updated`. Connected devices get `data`, what changed; a device that
   * was away gets the `whole` of the newest frame when it reconnects. A frame with a `key` that was shown before is not shown again.
   */
  showDashboard(sellerId: UserId, frame: DashboardFrame): Promise<void>
}
