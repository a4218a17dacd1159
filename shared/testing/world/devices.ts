import type { Actor } from '../../contracts/actor'
import { type Answer, call } from '../http'
import { liveDevice } from '../live'
import { marketplace } from './marketplace'

/** A device of somebody, connected to their live session through the routes of notification. */
export async function aDevice(actor: Actor) {
  const endpoint = marketplace.endpoint('notification')
  const { json }: Answer = await call(endpoint, 'POST', '/v1/realtime/tickets', {
    actor,
    headers: { 'idempotency-key': actor.userId },
  })
  const request = new Request(`http://credenza.test/v1/realtime?ticket=${json.ticket}`, { headers: { upgrade: 'websocket' } })
  const { webSocket } = await endpoint(request)
  if (!webSocket) throw new Error('nobody opens a live session')
  const device = liveDevice(webSocket)
  webSocket.accept()
  return device
}

type Frame = ReturnType<typeof liveDevice>['frames'][number]

/** What is wrong with the order of frames: numbers that do not follow each other, and an order or a cart that goes back in time. */
export function disorder(frames: readonly Frame[]): string[] {
  const newest = new Map<string, number>()
  return frames.flatMap(({ seq, type, data }, index) => {
    const before = frames[index - 1]?.seq ?? seq - 1
    const version = Number(data.version)
    const known = newest.get(String(data.id)) ?? 0
    const isBack = Number.isFinite(version) && version < known
    if (Number.isFinite(version)) newest.set(String(data.id), Math.max(version, known))
    return [
      ...(seq === before + 1 ? [] : [`frame ${seq} came after ${before}`]),
      ...(isBack ? [`${type} of ${data.id} went from version ${known} to ${version}`] : []),
    ]
  })
}
