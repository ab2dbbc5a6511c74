-- Makes a follower the only one whose entries are taken.
--
-- KEYS[1]  the state
-- ARGV[1]  the follower's token
-- Answers  the sequence number from which it goes on
redis.call('HSET', KEYS[1], 'follower', ARGV[1])
return tonumber(redis.call('HGET', KEYS[1], 'sequence') or 0)
