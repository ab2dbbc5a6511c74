-- Takes one event, once for each visitor, and of each network no more than its share.
--
-- KEYS[1]  who was seen on this day: one of a fixed number of sets
-- KEYS[2]  the stream
-- KEYS[3]  how many visitors of items came from networks on this day: one of as many hashes
-- KEYS[4]  how many events came from each network on this day
-- ARGV[1]  visitor and item, a 64-bit integer: small sets of integers are stored compactly
-- ARGV[2]  how long the day is remembered, in seconds
-- ARGV[3]  how many events may wait
-- ARGV[4]  the network and the item, a 64-bit integer
-- ARGV[5]  how many visitors of an item count of one network; 0: all
-- ARGV[6]  the network, a 64-bit integer; empty: not known, and without a share
-- ARGV[7]  how many events are looked at of one network; 0: all
-- ARGV[8]  the field that says '1' of an event that is not to be counted; empty: that is
--          not written down of such an event
-- ARGV[9+] the other fields
-- Answers  'new', 'seen', 'capped' or 'full'
local call = redis.call
local function remember(key)
  if call('TTL', key) < 0 then call('EXPIRE', key, ARGV[2]) end
end
if call('SISMEMBER', KEYS[1], ARGV[1]) == 1 then return 'seen' end
-- Nothing is trimmed: an event that was taken is never thrown away.
local waiting, room = call('XLEN', KEYS[2]), tonumber(ARGV[3])
if waiting >= room then return 'full' end
local capped, known = false, true
if ARGV[6] ~= '' then
  local most = tonumber(ARGV[7])
  if most > 0 then
    -- Beyond its share nothing is remembered of a network but that.
    known = tonumber(call('HGET', KEYS[4], ARGV[6]) or 0) < most
    if known then
      call('HINCRBY', KEYS[4], ARGV[6], 1)
      remember(KEYS[4])
    end
    capped = not known
  end
  most = tonumber(ARGV[5])
  if most > 0 and known then
    capped = tonumber(call('HGET', KEYS[3], ARGV[4]) or 0) >= most
    if not capped then
      call('HINCRBY', KEYS[3], ARGV[4], 1)
      remember(KEYS[3])
    end
  end
end
if known then
  call('SADD', KEYS[1], ARGV[1])
  remember(KEYS[1])
end
if not capped then
  call('XADD', KEYS[2], '*', unpack(ARGV, 9))
  return 'new'
end
-- What is not counted is told, and leaves half of the room to what is.
if ARGV[8] ~= '' and waiting < room / 2 then call('XADD', KEYS[2], '*', ARGV[8], '1', unpack(ARGV, 9)) end
return 'capped'
