// Frostnet: wall clock: PL031 seconds, refined by the counter, and machine.RTC
// MIT license; Copyright (c) 2026 The Frostnet authors

#include "board.h"
#include "py/runtime.h"
#include "py/mphal.h"
#include "extmod/modmachine.h"
#include "lib/oofatfs/ff.h"
#include "shared/timeutils/timeutils.h"

#define RTC_DR (BOARD_RTC_BASE + 0x00)
#define RTC_LR (BOARD_RTC_BASE + 0x08)

#define YEAR_MIN (1970)
#define YEAR_MAX (2105) // the last whole year that 32 bits of seconds can hold

static uint64_t epoch_us; // wall clock time at which timer_us() was 0

void rtc_init(void) {
    epoch_us = (uint64_t)REG32(RTC_DR) * 1000000 - timer_us();
}

static void rtc_set(uint32_t seconds, uint32_t us) {
    REG32(RTC_LR) = seconds;
    epoch_us = (uint64_t)seconds * 1000000 + us - timer_us();
}

uint64_t mp_hal_time_ns(void) {
    return (epoch_us + timer_us()) * 1000;
}

static void now(timeutils_struct_time_t *tm) {
    timeutils_seconds_since_epoch_to_struct_time(mp_hal_time_ns() / 1000000000, tm);
}

DWORD get_fattime(void) {
    timeutils_struct_time_t tm;
    now(&tm);
    if (tm.tm_year < 1980) {
        return 1 << 21 | 1 << 16; // FAT begins on 1 January 1980
    }
    return (tm.tm_year - 1980) << 25 | tm.tm_mon << 21 | tm.tm_mday << 16
           | tm.tm_hour << 11 | tm.tm_min << 5 | tm.tm_sec / 2;
}

// machine.RTC: one object, one method.

static const mp_obj_base_t machine_rtc_obj = { &machine_rtc_type };

static mp_obj_t machine_rtc_make_new(const mp_obj_type_t *type, size_t n_args, size_t n_kw, const mp_obj_t *args) {
    mp_arg_check_num(n_args, n_kw, 0, 1, false); // the usual id is accepted
    return MP_OBJ_FROM_PTR(&machine_rtc_obj);
}

// datetime([(year, month, day, weekday, hours, minutes, seconds, microseconds)])
static mp_obj_t machine_rtc_datetime(size_t n_args, const mp_obj_t *args) {
    timeutils_struct_time_t tm;
    if (n_args == 1) {
        uint64_t us = mp_hal_time_ns() / 1000;
        timeutils_seconds_since_epoch_to_struct_time(us / 1000000, &tm);
        mp_obj_t tuple[8] = {
            mp_obj_new_int(tm.tm_year),
            mp_obj_new_int(tm.tm_mon),
            mp_obj_new_int(tm.tm_mday),
            mp_obj_new_int(tm.tm_wday),
            mp_obj_new_int(tm.tm_hour),
            mp_obj_new_int(tm.tm_min),
            mp_obj_new_int(tm.tm_sec),
            mp_obj_new_int(us % 1000000),
        };
        return mp_obj_new_tuple(8, tuple);
    }
    mp_obj_t *items;
    mp_obj_get_array_fixed_n(args[1], 8, &items);
    mp_int_t year = mp_obj_get_int(items[0]);
    mp_int_t month = mp_obj_get_int(items[1]);
    mp_int_t day = mp_obj_get_int(items[2]);
    mp_int_t hour = mp_obj_get_int(items[4]);
    mp_int_t minute = mp_obj_get_int(items[5]);
    mp_int_t second = mp_obj_get_int(items[6]);
    mp_int_t us = mp_obj_get_int(items[7]);
    if (year < YEAR_MIN || year > YEAR_MAX || month < 1 || month > 12
        || day < 1 || day > (mp_int_t)timeutils_days_in_month(year, month)
        || hour < 0 || hour > 23 || minute < 0 || minute > 59 || second < 0 || second > 59
        || us < 0 || us > 999999) {
        mp_raise_ValueError(MP_ERROR_TEXT("date or time out of range"));
    }
    rtc_set(timeutils_seconds_since_epoch(year, month, day, hour, minute, second), us);
    return mp_const_none;
}
static MP_DEFINE_CONST_FUN_OBJ_VAR_BETWEEN(machine_rtc_datetime_obj, 1, 2, machine_rtc_datetime);

static const mp_rom_map_elem_t machine_rtc_locals_dict_table[] = {
    { MP_ROM_QSTR(MP_QSTR_datetime), MP_ROM_PTR(&machine_rtc_datetime_obj) },
};
static MP_DEFINE_CONST_DICT(machine_rtc_locals_dict, machine_rtc_locals_dict_table);

MP_DEFINE_CONST_OBJ_TYPE(
    machine_rtc_type,
    MP_QSTR_RTC,
    MP_TYPE_FLAG_NONE,
    make_new, machine_rtc_make_new,
    locals_dict, &machine_rtc_locals_dict
    );
