// Frostnet: looking up names: what the interpreter's loop does without a call
// MIT license; Copyright (c) 2026 The Frostnet authors

#ifndef FROSTNET_MAP_H
#define FROSTNET_MAP_H

#include "py/obj.h"

#define MAP_PLACES (8192)
#define MAP_MISSES (2048)

typedef struct _map_miss_t {
    const mp_map_t *map;
    mp_obj_t name;
} map_miss_t;

// The attributes that fit into one block of the heap: no dictionary of an object takes less.
#define MAP_BLOCK (MICROPY_BYTES_PER_GC_BLOCK / sizeof(mp_map_elem_t))

// See map.c.
extern uint16_t map_places[MAP_PLACES];
extern map_miss_t map_misses[MAP_MISSES];

static inline uint16_t *map_place_of(const mp_map_t *map, mp_obj_t name) {
    return &map_places[((uintptr_t)name / 8 + map->alloc * 613) % MAP_PLACES];
}

static inline map_miss_t *map_miss_of(const mp_map_t *map, mp_obj_t name) {
    return &map_misses[((uintptr_t)name / 8 + (uintptr_t)map / 16 * 31) % MAP_MISSES];
}

// The element of `name`, a qstr, or NULL if that is not known yet.
static inline mp_map_elem_t *map_known(const mp_map_t *map, mp_obj_t name) {
    size_t place = *map_place_of(map, name);
    return place < map->alloc && map->table[place].key == name ? &map->table[place] : NULL;
}

// Whether `name` is known not to be there. (A key that is no qstr, but equal, may have come since.)
static inline bool map_known_missing(const mp_map_t *map, mp_obj_t name) {
    map_miss_t *miss = map_miss_of(map, name);
    return miss->map == map && miss->name == name && map->all_keys_are_qstrs;
}

// How many attributes a new object of a class is given room for, and that one was made, or has grown.
size_t map_size_for(const mp_obj_type_t *type);
void map_made(const mp_obj_type_t *type, const mp_map_t *members);

#endif // FROSTNET_MAP_H
