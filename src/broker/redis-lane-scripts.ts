/**
 * The hints of lanes in Redis. A queue has a stream for them and a sorted set that says of each lane where its hint is:
 *
 * - no member: there is none, since no task of the lane is known to wait;
 * - `IN_STREAM`: it lies in the stream, delivered or not;
 * - `ASKED`: so too, and somebody has sent the lane since: once it was looked at, the lane must be looked at again;
 * - a time, in milliseconds of this server: it was handed back, is in no stream, and goes there at that time.
 *
 * Whoever hands one back keeps a timer for it; should that process die, the next one that sends the lane (the repair does, every few seconds)
 * finds it late and puts it into the stream. A stream with fewer entries than the set says has lost some: the next one to send a lane puts it
 * there again. What is there twice for that is harmless, and one again as soon as one of them is handed back.
 */
import { redisScript } from "../lib/redis-script.ts";

const STATES = `
local IN_STREAM, ASKED = 9e15, 8e15
local function add(lane, task)
  redis.call('XADD', KEYS[1], '*', 't', task, 'l', lane)
  redis.call('ZADD', KEYS[2], '9e15', lane)
end
local function now()
  local time = redis.call('TIME')
  return time[1] * 1000 + math.floor(time[2] / 1000)
end
`;

/** KEYS: the lanes' stream, the sorted set. ARGV: pairs of a lane and the id of a task of it. */
export const SEND_LANES = redisScript(`${STATES}
local lost = redis.call('XLEN', KEYS[1]) < redis.call('ZCOUNT', KEYS[2], ASKED, '+inf')
for i = 1, #ARGV, 2 do
  local score = tonumber(redis.call('ZSCORE', KEYS[2], ARGV[i]) or 0)
  if score >= ASKED and lost or score < ASKED and score <= now() then add(ARGV[i], ARGV[i + 1])
  elseif score == IN_STREAM then redis.call('ZADD', KEYS[2], '8e15', ARGV[i]) end
end
return #ARGV / 2`);

const DROP = `
redis.call('XACK', KEYS[1], ARGV[1], ARGV[2])
redis.call('XDEL', KEYS[1], ARGV[2])
`;

/** The lane was looked at, and no task of it waits. KEYS: as above. ARGV: group, entry id, lane, task id. */
export const LANE_DONE = redisScript(`${STATES}${DROP}
local score = redis.call('ZSCORE', KEYS[2], ARGV[3])
if score and tonumber(score) == ASKED then add(ARGV[3], ARGV[4])
elseif score and tonumber(score) == IN_STREAM then redis.call('ZREM', KEYS[2], ARGV[3]) end
return 1`);

/** The lane is to be looked at again after a while. KEYS: as above. ARGV: group, entry id, lane, task id, ms. */
export const LANE_REST = redisScript(`${STATES}${DROP}
if tonumber(ARGV[5]) <= 0 then add(ARGV[3], ARGV[4])
else redis.call('ZADD', KEYS[2], string.format('%.0f', now() + ARGV[5]), ARGV[3]) end
return 1`);

/**
 * Puts hints that were handed back into the stream. KEYS: as above. ARGV: a task id, "due" or "now", lanes (none: all).
 * Returns in how many milliseconds the last one is due that was left.
 */
export const WAKE_LANES = redisScript(`${STATES}
local lanes = { unpack(ARGV, 3) }
if #lanes == 0 then lanes = redis.call('ZRANGEBYSCORE', KEYS[2], '-inf', '(8e15', 'LIMIT', 0, 1000) end
local at, left = now(), 0
for _, lane in ipairs(lanes) do
  local score = tonumber(redis.call('ZSCORE', KEYS[2], lane) or '9e15')
  if score < ASKED and (ARGV[2] == 'now' or score <= at) then add(lane, ARGV[1])
  elseif score < ASKED then left = math.max(left, score - at) end
end
return left`);
