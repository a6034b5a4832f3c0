#include "daemon/journal/job_record.hpp"

#include "common/json/document.hpp"
#include "common/json/writer.hpp"
#include "daemon/journal/columns.hpp"

namespace sb::journal {
namespace {

std::string disks_text(std::vector<core::Disk> const& disks) {
    json::Writer out;
    out.begin_array();
    for (auto const& disk : disks)
        out.begin_object()
            .member("uuid", disk.uuid.text())
            .member("type", disk.type)
            .member("capacity_bytes", disk.capacity_bytes)
            .member("allocation_bytes", disk.allocation_bytes)
            .end_object();
    out.end_array();
    return out.take();
}

std::vector<core::Disk> read_disks(std::string const& text) {
    auto const document = json::Document::parse(text);
    if (!document) throw DatabaseError{SQLITE_CORRUPT, "a job's disks cannot be read: " + document.error().context};
    std::vector<core::Disk> disks;
    for (auto const item : document->root().elements())
        disks.push_back({.uuid = DiskUuid(item["uuid"].text()),
                         .type = item["type"].text(),
                         .capacity_bytes = item["capacity_bytes"].unsigned_integer().value_or(0),
                         .allocation_bytes = item["allocation_bytes"].unsigned_integer().value_or(0)});
    return disks;
}

}  // namespace

void bind_job(Statement& statement, core::Job const& job) {
    auto const error_code = job.error ? std::string(name_of(job.error->code)) : std::string();
    auto const error_context = job.error ? job.error->context : std::string();
    statement.bind(1, core::name_of(job.kind))
        .bind(2, job.vm.text())
        .bind(3, job.vm_name)
        .bind(4, job.backup)
        .bind(5, job.definition_file)
        .bind(6, std::int64_t{job.scheduled})
        .bind(7, core::name_of(job.phase))
        .bind(8, core::name_of(job.outcome))
        .bind(9, std::int64_t{job.cancel_requested})
        .bind(10, error_code)
        .bind(11, error_context)
        .bind(12, disks_text(job.disks))
        .bind(13, static_cast<std::int64_t>(job.expected_bytes))
        .bind(14, job.tag_before.text())
        .bind(15, job.tag.text())
        .bind(16, std::int64_t{job.percent})
        .bind(17, column_of(job.queued))
        .bind(18, column_of(job.started))
        .bind(19, column_of(job.posted))
        .bind(20, column_of(job.finished))
        .bind(21, std::int64_t{job.pre_hook})
        .bind(22, std::int64_t{job.post_hook})
        .bind(23, column_of(job.warnings))
        .bind(24, job.level)
        .bind(25, std::int64_t{job.forced})
        .bind(26, job.attempt)
        .bind(27, core::name_of(job.end))
        .bind(28, static_cast<std::int64_t>(job.revision))
        .bind(29, std::int64_t{job.delayed_hook})
        .bind(30, job.cluster.uuid)
        .bind(31, job.cluster.name)
        .bind(32, job.cluster.host)
        .bind(33, static_cast<std::int64_t>(job.size_bytes))
        .bind(34, std::int64_t{job.is_claim})
        .bind(35, job.inspected);
}

core::Job read_job(Statement const& row) {
    core::Job job;
    job.id = static_cast<JobId>(row.integer(0));
    job.kind = known(core::job_kind_from_name(row.text(1)), row.text(1));
    job.vm = VmUuid(row.text(2));
    job.vm_name = row.text(3);
    job.backup = row.text(4);
    job.definition_file = row.text(5);
    job.scheduled = row.integer(6) != 0;
    job.phase = known(core::phase_from_name(row.text(7)), row.text(7));
    job.outcome = known(core::outcome_from_name(row.text(8)), row.text(8));
    job.cancel_requested = row.integer(9) != 0;
    if (auto const code = row.text(10); !code.empty()) job.error = Error{errc_from_name(code), row.text(11)};
    job.disks = read_disks(row.text(12));
    job.expected_bytes = static_cast<std::uint64_t>(row.integer(13));
    job.tag_before = TaskTag(row.text(14));
    job.tag = TaskTag(row.text(15));
    job.percent = static_cast<int>(row.integer(16));
    job.queued = time_from(row.integer(17));
    job.started = time_from(row.optional_integer(18));
    job.posted = time_from(row.optional_integer(19));
    job.finished = time_from(row.optional_integer(20));
    job.pre_hook = row.integer(21) != 0;
    job.post_hook = row.integer(22) != 0;
    job.warnings = texts_from(row.text(23), "a job's warnings");
    job.level = row.text(24);
    job.forced = row.integer(25) != 0;
    job.attempt = row.text(26);
    job.end = core::export_end_from_name(row.text(27)).value_or(core::ExportEnd::unknown);
    job.revision = static_cast<std::uint64_t>(row.integer(28));
    job.delayed_hook = row.integer(29) != 0;
    job.cluster = {row.text(30), row.text(31), row.text(32)};
    job.size_bytes = static_cast<std::uint64_t>(row.integer(33));
    job.is_claim = row.integer(34) != 0;
    job.inspected = row.text(35);
    return job;
}

}  // namespace sb::journal
