/**
 * The hints of partitions in Redis. A queue has a stream for them and a sorted set that says of each partition where its hint is:
 *
 * - no member: there is none, since no task of the partition is known to wait;
 * - `IN_STREAM`: it lies in the stream, delivered or not;
 * - `ASKED`: so too, and somebody has sent the partition since: should whoever looks find nothing, the partition must be looked at again;
 * - `WOKEN`: so too, and somebody has woken it since: it must be looked at again in any case;
 * - a time, in milliseconds of this server: it was handed back, is in no stream, and goes there at that time.
 *
 * Whoever hands one back keeps a timer for it; should that process die, the next one that sends the partition (the repair does, every few seconds)
 * finds it late and puts it into the stream. A stream with fewer entries than the set says has lost some: the next one to send a partition puts it
 * there again. What is there twice for that is harmless, and one again as soon as one of them is handed back.
 */
import { redisScript } from "../../redis/script.ts";

const STATES = `
local IN_STREAM, ASKED, WOKEN = 9e15, 8e15, 7e15
local function add(partition, task)
  redis.call('XADD', KEYS[1], '*', 't', task, 'l', partition)
  redis.call('ZADD', KEYS[2], '9e15', partition)
end
local function now()
  local time = redis.call('TIME')
  return time[1] * 1000 + math.floor(time[2] / 1000)
end
local function place(partition)
  local score = redis.call('ZSCORE', KEYS[2], partition)
  return score and tonumber(score)
end
`;

/** KEYS: the partitions' stream, the sorted set. ARGV: for each a partition, the id of a task of it, and 1 if it wakes the partition, else 0. */
export const SEND_PARTITIONS = redisScript(`${STATES}
local lost = redis.call('XLEN', KEYS[1]) < redis.call('ZCOUNT', KEYS[2], WOKEN, '+inf')
for i = 1, #ARGV, 3 do
  local partition, task, wakes = ARGV[i], ARGV[i + 1], ARGV[i + 2] == '1'
  local at = place(partition) or 0
  if at >= WOKEN and lost or at < WOKEN and (wakes or at <= now()) then add(partition, task)
  elseif at > WOKEN then
    if wakes then redis.call('ZADD', KEYS[2], '7e15', partition)
    elseif at == IN_STREAM then redis.call('ZADD', KEYS[2], '8e15', partition) end
  end
end
return #ARGV / 3`);

const DROP = `
redis.call('XACK', KEYS[1], ARGV[1], ARGV[2])
redis.call('XDEL', KEYS[1], ARGV[2])
`;

/** The partition was looked at, and no task of it waits. KEYS: as above. ARGV: group, entry id, partition, task id. */
export const PARTITION_DONE = redisScript(`${STATES}${DROP}
local at = place(ARGV[3])
if at == ASKED or at == WOKEN then add(ARGV[3], ARGV[4])
elseif at == IN_STREAM then redis.call('ZREM', KEYS[2], ARGV[3]) end
return 1`);

/** The partition is to be looked at again after a while. KEYS: as above. ARGV: group, entry id, partition, task id, ms. */
export const PARTITION_REST = redisScript(`${STATES}${DROP}
if tonumber(ARGV[5]) <= 0 or place(ARGV[3]) == WOKEN then add(ARGV[3], ARGV[4])
else redis.call('ZADD', KEYS[2], string.format('%.0f', now() + ARGV[5]), ARGV[3]) end
return 1`);

/**
 * Puts hints that were handed back into the stream. KEYS: as above. ARGV: a task id, "due" or "now", partitions (none: all).
 * Returns in how many milliseconds the last one is due that was left.
 */
export const WAKE_PARTITIONS = redisScript(`${STATES}
local partitions = { unpack(ARGV, 3) }
if #partitions == 0 then partitions = redis.call('ZRANGE', KEYS[2], 0, 999) end
local left = 0
for _, partition in ipairs(partitions) do
  local at, time = place(partition), now()
  if at and at < WOKEN then
    if ARGV[2] == 'now' or at <= time then add(partition, ARGV[1])
    else left = math.max(left, at - time) end
  elseif at and ARGV[2] == 'now' then redis.call('ZADD', KEYS[2], '7e15', partition) end
end
return left`);
